// Command hello is the application that tests deploy: it tells what it is and
// what it was asked, and misbehaves on request.
//
// Settings are flags, or environment variables of the name in brackets:
//
//	-slow-start DURATION  [SLOW_START]   listen only after this long
//	-never-ready          [NEVER_READY]  listen, but answer 503 to everything
//	-crash                [CRASH]        log a line and exit with code 1
//	-crash-message TEXT   [CRASH_MESSAGE]
//	-delay DURATION       [DELAY]        answer every request after this long
//	-greeting TEXT        [TARGET]       told with every answer
//
// It listens on $PORT (8080 where that isn't set) and speaks HTTP/1.1, HTTP/2
// without TLS (h2c) and WebSocket.
//
//	GET  /          what it is and what it was asked, as JSON; as one line of
//	                text with ?format=text or "Accept: text/plain"
//	POST /echo      the request's body, streamed back
//	GET  /ws        a WebSocket that echoes each message
//	GET  /bytes?n=N N bytes
//	any  /fetch?url=URL  what URL answers to the application; the request's
//	                method, body and X-Fetch-… headers (without that) go on to it
//	any  ?sleep=2s  answers after that long
//	any  ?status=N  answers with that status code
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// version is set when the program is linked.
var version = "dev"

func main() {
	log.SetFlags(0)
	s, err := parse(os.Args[1:], os.Getenv)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	if s.crash {
		log.Fatal(s.crashMessage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if s.slowStart > 0 {
		log.Printf("hello %s starts listening in %s", version, s.slowStart)
		select {
		case <-time.After(s.slowStart):
		case <-ctx.Done():
			return
		}
	}
	if err := serve(ctx, s); err != nil {
		log.Fatal(err)
	}
}

// settings is how the program was asked to behave.
type settings struct {
	port         string
	slowStart    time.Duration
	neverReady   bool
	crash        bool
	crashMessage string
	delay        time.Duration
	greeting     string
	revision     string
}

func parse(args []string, getenv func(string) string) (settings, error) {
	s := settings{port: getenv("PORT"), revision: getenv("K_REVISION")}
	if s.port == "" {
		s.port = "8080"
	}
	f := flag.NewFlagSet("hello", flag.ContinueOnError)
	f.DurationVar(&s.slowStart, "slow-start", 0, "listen only after this long")
	f.BoolVar(&s.neverReady, "never-ready", false, "answer 503 to everything")
	f.BoolVar(&s.crash, "crash", false, "log a line and exit with code 1")
	f.StringVar(&s.crashMessage, "crash-message", "hello cannot start: it was told to crash", "the line that -crash logs")
	f.DurationVar(&s.delay, "delay", 0, "answer every request after this long")
	f.StringVar(&s.greeting, "greeting", "", "told with every answer")
	for _, v := range []struct{ env, flag string }{
		{"SLOW_START", "slow-start"},
		{"NEVER_READY", "never-ready"},
		{"CRASH", "crash"},
		{"CRASH_MESSAGE", "crash-message"},
		{"DELAY", "delay"},
		{"TARGET", "greeting"},
	} {
		if text := getenv(v.env); text != "" {
			if err := f.Set(v.flag, text); err != nil {
				return s, fmt.Errorf("environment variable %s: %w", v.env, err)
			}
		}
	}
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if n, err := strconv.ParseUint(s.port, 10, 16); err != nil || n == 0 {
		return s, fmt.Errorf("environment variable PORT: %q is not a port", s.port)
	}
	return s, nil
}

// protocols are those that work without TLS.
func protocols() *http.Protocols {
	var p http.Protocols
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return &p
}

func serve(ctx context.Context, s settings) error {
	server := &http.Server{Addr: ":" + s.port, Handler: s.handler(), Protocols: protocols(), ReadHeaderTimeout: time.Minute}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		// Requests under way are finished, as a scale-down expects.
		patient, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		stopped <- server.Shutdown(patient)
	}()
	log.Printf("hello %s listens on port %s", version, s.port)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
