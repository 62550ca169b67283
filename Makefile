# Every task of the project by name. ARGS goes to the program that a target runs:
#   make serve ARGS="--port 9000"        make test ARGS="--filter HTTP1Tests"
ARGS ?=

SWIFT_FORMAT_PATHS := Package.swift Sources Tests Benchmarks Examples
ALLOCATION_COUNTER := .build/allocation_counter.so
ALLOCATION_COUNTER_FLAGS := -std=c11 -O2 -Wall -Wextra -Werror -shared -fPIC
# Tests and documentation have all traits on; what the gates measure, and what `make build` makes, has none.
TRAITS := --traits Compression
# Release builds that the gates of the tests measure.
GATE_PROGRAMS := .build-gates/release

# Tests that run at the same time. With all of them at once, those that block hold the few threads of the Swift runtime,
# and one that has awaited goes on only minutes later, with its timeouts over.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 8

.DEFAULT_GOAL := help
.PHONY: help setup setup-traits serve build test gates examples docs lint check format clean
.PHONY: fuzz bench bench-quick bench-micro bench-pool bench-json bench-routes bench-blocking count abuse model sanitize

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Check for Swift and liburing, and install liburing-dev when it is missing
	@CSupport/setup

setup-traits: setup ## Check for what the traits need as well, and install what is missing
	@CSupport/setup zlib

serve: setup ## Build the demo server in release mode and run it: make serve ARGS="--port 9000"
	swift build -c release --product hyperserve
	@exec .build/release/hyperserve $(ARGS)

build: setup ## Build everything in release mode
	swift build -c release

test: setup-traits $(if $(ARGS),,$(GATE_PROGRAMS)) ## Run every test and the gates: make test ARGS="--filter HTTP1Tests"
	$(if $(ARGS),,HYPERSERVE_GATES=$(GATE_PROGRAMS)) swift test --disable-xctest $(TRAITS) $(ARGS)

gates: setup-traits $(GATE_PROGRAMS) ## Check instructions, allocations and system calls per request
	HYPERSERVE_GATES=$(GATE_PROGRAMS) swift test --disable-xctest $(TRAITS) --filter GateTests

# Apart from other builds, and always: SwiftPM knows what is to be done.
$(GATE_PROGRAMS): force
	@CSupport/setup gates
	swift build -c release --scratch-path .build-gates --product hyperserve
	swift build -c release --scratch-path .build-gates --product micro
	clang $(ALLOCATION_COUNTER_FLAGS) -o $@/allocation_counter.so Benchmarks/Throughput/allocation_counter.c

force:

examples: setup ## Build the example applications and run their tests
	@# A cached plan would not know of new files of the package that the examples depend on.
	cd Examples && swift test --disable-xctest --disable-build-manifest-caching $(ARGS)

docs: setup-traits ## Write the documentation of the libraries to .build/documentation
	swift build $(TRAITS)
	.ci/document .build/debug .build/documentation

lint: setup ## Check the layout of all Swift sources against .swift-format
	swift format lint --strict --recursive --parallel $(SWIFT_FORMAT_PATHS)

check: setup-traits lint ## Check the layout and the conventions (lengths, comments, imports, README, linkage)
	swift test --disable-xctest $(TRAITS) --filter TidyTests

format: ## Lay out all Swift sources as .swift-format says
	swift format --in-place --recursive --parallel $(SWIFT_FORMAT_PATHS)

bench: setup ## Compare the throughput with the floor and all peers: make bench ARGS="--budget 35m"
	Benchmarks/Throughput/bench $(ARGS)

bench-quick: setup ## The same in short: one round of the first workloads
	Benchmarks/Throughput/bench --quick $(ARGS)

bench-json: setup ## Time JSON both ways against FoundationEssentials
	cd Benchmarks && swift run -c release json-bench

bench-micro: setup ## Time single operations: parser, router, encoder, whole requests in memory, queue, deque, pool
	swift run -c release micro

bench-pool: setup ## Time the thread pool: make bench-pool ARGS="--help"
	cd Benchmarks && swift run -c release pool-bench $(ARGS)

bench-routes: setup ## Replace all routes a thousand times a second under load
	Benchmarks/Throughput/replacements $(ARGS)

bench-blocking: setup ## Measure latency beside what blocks: make bench-blocking ARGS="--driver epoll"
	cd Benchmarks && swift build -c release --product open-loop
	@# GRDB needs SQLite's development files (libsqlite3-dev).
	cd Benchmarks/Blocking && swift build -c release
	Benchmarks/Throughput/blocking $(ARGS)

count: setup $(ALLOCATION_COUNTER) ## Count heap allocations and system calls per request, against their limits
	swift build -c release --product hyperserve
	@status=0; \
	Benchmarks/Throughput/allocations $(ARGS) || status=1; \
	Benchmarks/Throughput/syscalls $(ARGS) || status=1; \
	exit $$status

abuse: setup ## Attack the server beside a polite client: make abuse ARGS="--driver epoll"
	swift build -c release --product hyperserve
	Benchmarks/Throughput/abuse $(ARGS)

$(ALLOCATION_COUNTER): Benchmarks/Throughput/allocation_counter.c
	@mkdir -p $(@D)
	clang $(ALLOCATION_COUNTER_FLAGS) -o $@ $<

model: ## Check the models of the lock-free structures
	Tests/Models/run.sh $(ARGS)

fuzz: setup ## Fuzz all that reads bytes, FUZZ_SECONDS (600) in total: make fuzz, make fuzz ARGS="canary"
	Tests/Fuzz/run.sh $(ARGS)

sanitize: setup-traits ## Run every test under ThreadSanitizer, then under AddressSanitizer
	swift test --disable-xctest $(TRAITS) --sanitize=thread --scratch-path .build-tsan $(ARGS)
	swift test --disable-xctest $(TRAITS) --sanitize=address --scratch-path .build-asan $(ARGS)

clean: ## Remove everything that was built
	rm -rf .build .build-tsan .build-asan .build-fuzz .build-gates Benchmarks/.build Benchmarks/Throughput/.build \
		Benchmarks/Blocking/.build Examples/.build
