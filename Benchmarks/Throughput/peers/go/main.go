// The peer on Go's net/http, with the responses of HyperServe's demo server.
//
//	peer [-address 127.0.0.1:0] [-stop-after 10s]
//
// It prints the bound address in its first line, so the port may be 0. SIGTERM stops it gracefully.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

var (
	greeting = []byte("Hello, World!")
	chunk    = bytes.Repeat([]byte("x"), 4096)
	block    = make([]byte, 16384)
)

// The object of GET /json, encoded anew for every request as the demo server does.
type message struct {
	Message string `json:"message"`
	Time    int64  `json:"time"`
}

func text(writer http.ResponseWriter, request *http.Request) {
	if request.URL.Path != "/" {
		http.NotFound(writer, request)
		return
	}
	writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	writer.Write(greeting)
}

func object(writer http.ResponseWriter, request *http.Request) {
	body, err := json.Marshal(message{Message: "Hello, World!", Time: time.Now().Unix()})
	if err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)
		return
	}
	writer.Header().Set("Content-Type", "application/json")
	writer.Write(body)
}

func echo(writer http.ResponseWriter, request *http.Request) {
	if request.Method != http.MethodPost {
		writer.Header().Set("Allow", "POST")
		http.Error(writer, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return
	}
	writer.Header().Set("Content-Type", "application/octet-stream")
	// Set here because net/http adds it to short bodies only.
	writer.Header().Set("Content-Length", strconv.Itoa(len(body)))
	writer.Write(body)
}

func constant(body []byte) http.HandlerFunc {
	length := strconv.Itoa(len(body))
	return func(writer http.ResponseWriter, request *http.Request) {
		writer.Header().Set("Content-Type", "application/octet-stream")
		writer.Header().Set("Content-Length", length)
		writer.Write(body)
	}
}

// Sixteen chunks, each written and flushed by itself.
func stream(writer http.ResponseWriter, request *http.Request) {
	writer.Header().Set("Content-Type", "application/octet-stream")
	for count := 0; count < 16; count++ {
		writer.Write(chunk)
		writer.(http.Flusher).Flush()
	}
}

// The FNV-1a hash of 176 KiB, as the other servers compute it.
func compute(writer http.ResponseWriter, request *http.Request) {
	hash := uint64(0xcbf29ce484222325)
	for pass := 0; pass < 11; pass++ {
		for _, one := range block {
			hash = (hash ^ uint64(one)) * 0x100000001b3
		}
	}
	writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	writer.Write(strconv.AppendUint(nil, hash, 10))
}

// Blocks its thread, as a call into a database's library would: time.Sleep would only park the goroutine.
func blocking(writer http.ResponseWriter, request *http.Request) {
	syscall.Nanosleep(&syscall.Timespec{Nsec: 1000000}, nil)
	writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	writer.Write(greeting)
}

func main() {
	address := flag.String("address", "127.0.0.1:0", "where to listen")
	stopAfter := flag.Duration("stop-after", 10*time.Second, "how long requests in flight may take at the end")
	flag.Parse()

	for index := range block {
		block[index] = byte(index)
	}
	routes := http.NewServeMux()
	routes.HandleFunc("/", text)
	routes.HandleFunc("/json", object)
	routes.HandleFunc("/echo", echo)
	routes.HandleFunc("/10k", constant(bytes.Repeat([]byte("x"), 10<<10)))
	routes.HandleFunc("/1m", constant(bytes.Repeat([]byte("x"), 1<<20)))
	routes.HandleFunc("/stream", stream)
	routes.HandleFunc("/blocking", blocking)
	routes.HandleFunc("/compute", compute)

	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("peer listening on http://%s (net/http)\n", listener.Addr())

	server := &http.Server{Handler: routes}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	stopped := make(chan struct{})
	go func() {
		<-stop
		deadline, cancel := context.WithTimeout(context.Background(), *stopAfter)
		defer cancel()
		server.Shutdown(deadline)
		close(stopped)
	}()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	<-stopped
}
