module poolbench

go 1.19
