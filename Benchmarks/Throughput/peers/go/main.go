// A server on Go's net/http that answers what the demo server of HyperServe answers, to be compared with.
//
//	peer [-address 127.0.0.1:0] [-stop-after 10s]
//
// It prints the bound address in its first line, so that port 0 can be asked for. SIGTERM stops it in order.
package main

import (
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

var greeting = []byte("Hello, World!")

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
	// Said here because net/http only counts short bodies by itself.
	writer.Header().Set("Content-Length", strconv.Itoa(len(body)))
	writer.Write(body)
}

func main() {
	address := flag.String("address", "127.0.0.1:0", "where to listen")
	stopAfter := flag.Duration("stop-after", 10*time.Second, "how long requests in flight may take at the end")
	flag.Parse()

	routes := http.NewServeMux()
	routes.HandleFunc("/", text)
	routes.HandleFunc("/json", object)
	routes.HandleFunc("/echo", echo)

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
