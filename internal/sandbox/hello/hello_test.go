package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func env(m map[string]string) func(string) string { return func(k string) string { return m[k] } }

func TestParse(t *testing.T) {
	s, err := parse([]string{"-delay=2s"}, env(map[string]string{"PORT": "9000", "DELAY": "1s", "K_REVISION": "hello-1", "NEVER_READY": "true", "TARGET": "you"}))
	if err != nil {
		t.Fatal(err)
	}
	if s.port != "9000" || s.delay != 2*time.Second || !s.neverReady || s.greeting != "you" || s.revision != "hello-1" {
		t.Errorf("got %+v", s)
	}
	if s, err := parse(nil, env(nil)); err != nil || s.port != "8080" {
		t.Errorf("without PORT: %+v, %v", s, err)
	}
	for name, m := range map[string]map[string]string{
		"port": {"PORT": "http"}, "port 0": {"PORT": "0"}, "duration": {"DELAY": "soon"}, "bool": {"CRASH": "perhaps"},
	} {
		if _, err := parse(nil, env(m)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// start serves on a real port, with all protocols, as the program does.
func start(t *testing.T, s settings) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(s.handler())
	server.Config.Protocols = protocols()
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestTells(t *testing.T) {
	server := start(t, settings{revision: "hello-00001", greeting: "you"})
	answer, body := get(t, server.URL+"/a/b?x=1")
	var a Answer
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if a.Version != version || a.Revision != "hello-00001" || a.Path != "/a/b" || a.Query != "x=1" || a.Host != server.Listener.Addr().String() || a.Greeting != "you" {
		t.Errorf("got %+v", a)
	}
	if a.Headers.Get("User-Agent") == "" || answer.Header.Get("X-Hello-Version") != version {
		t.Errorf("headers: told %v, sent %v", a.Headers, answer.Header)
	}
	if _, text := get(t, server.URL+"/?format=text"); !strings.HasPrefix(text, "hello version="+version+" revision=hello-00001 ") {
		t.Errorf("as text: %q", text)
	}
}

func TestMisbehaves(t *testing.T) {
	if answer, _ := get(t, start(t, settings{neverReady: true}).URL); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("never ready: %s", answer.Status)
	}
	server := start(t, settings{})
	if answer, _ := get(t, server.URL+"/?status=418"); answer.StatusCode != 418 {
		t.Errorf("status: %s", answer.Status)
	}
	for _, query := range []string{"?status=99", "?status=x", "?sleep=long", "bytes?n=-1"} {
		if answer, _ := get(t, server.URL+"/"+query); answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", query, answer.Status)
		}
	}
	begun := time.Now()
	get(t, server.URL+"/?sleep=200ms")
	if took := time.Since(begun); took < 200*time.Millisecond {
		t.Errorf("told to sleep 200ms, it answered after %s", took)
	}
}

func TestFetches(t *testing.T) {
	other := start(t, settings{revision: "other"})
	server := start(t, settings{revision: "first"})
	request, err := http.NewRequest(http.MethodPut, server.URL+"/fetch?url="+url.QueryEscape(other.URL+"/a?status=418"), strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Fetch-X-Test", "yes")
	request.Header.Set("X-Else", "no")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var a Answer
	if err := json.NewDecoder(answer.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != 418 || a.Revision != "other" || a.Method != http.MethodPut || a.Path != "/a" || a.Headers.Get("X-Test") != "yes" || a.Headers.Get("X-Else") != "" {
		t.Errorf("%s: %+v", answer.Status, a)
	}
	for query, status := range map[string]int{"url=": 400, "url=%3A": 400, "url=http://127.0.0.1:1/": 502} {
		if answer, _ := get(t, server.URL+"/fetch?"+query); answer.StatusCode != status {
			t.Errorf("%s: %s", query, answer.Status)
		}
	}
}

func TestLargeBodies(t *testing.T) {
	server := start(t, settings{})
	if _, body := get(t, server.URL+"/bytes?n=3000000"); len(body) != 3000000 {
		t.Errorf("got %d bytes", len(body))
	}
	sent := bytes.Repeat([]byte("0123456789"), 1<<20)
	answer, err := http.Post(server.URL+"/echo", "application/octet-stream", bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got, err := io.ReadAll(answer.Body); err != nil || !bytes.Equal(got, sent) {
		t.Errorf("sent %d bytes, got %d, %v", len(sent), len(got), err)
	}
}

func TestHTTP2WithoutTLS(t *testing.T) {
	var only http.Protocols
	only.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: &only}}
	answer, err := client.Get(start(t, settings{}).URL)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.ProtoMajor != 2 {
		t.Errorf("got %s", answer.Proto)
	}
}

func TestWebSocket(t *testing.T) {
	server := start(t, settings{})
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	r := bufio.NewReader(conn)
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	// RFC 6455's own example.
	if answer.StatusCode != http.StatusSwitchingProtocols || answer.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatalf("%s %v", answer.Status, answer.Header)
	}
	for _, size := range []int{5, 300, 70000} {
		message := bytes.Repeat([]byte("x"), size)
		send(t, conn, opText, message)
		if op, got := receive(t, r); op != opText || !bytes.Equal(got, message) {
			t.Errorf("%d bytes: got operation %d with %d bytes", size, op, len(got))
		}
	}
	send(t, conn, opPing, []byte("p"))
	if op, got := receive(t, r); op != opPong || string(got) != "p" {
		t.Errorf("ping: got operation %d, %q", op, got)
	}
	send(t, conn, opClose, nil)
	if op, _ := receive(t, r); op != opClose {
		t.Errorf("close: got operation %d", op)
	}
	if answer, _ := get(t, server.URL+"/ws"); answer.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("without an upgrade: %s", answer.Status)
	}
}

// send writes a frame as a client must: masked.
func send(t *testing.T, w io.Writer, op byte, payload []byte) {
	t.Helper()
	var b bytes.Buffer
	frame := bufio.NewWriter(&b)
	if err := writeFrame(frame, op, payload); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	raw[1] |= 0x80
	head, mask := len(raw)-len(payload), []byte{1, 2, 3, 4}
	masked := append(append([]byte{}, raw[:head]...), mask...)
	for i, c := range payload {
		masked = append(masked, c^mask[i%4])
	}
	if _, err := w.Write(masked); err != nil {
		t.Fatal(err)
	}
}

// receive reads a server's frame by giving it the mask of a client's.
func receive(t *testing.T, r *bufio.Reader) (byte, []byte) {
	t.Helper()
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		t.Fatal(err)
	}
	extended := map[byte]int{126: 2, 127: 8}[head[1]]
	length := make([]byte, extended)
	if _, err := io.ReadFull(r, length); err != nil {
		t.Fatal(err)
	}
	head[1] |= 0x80
	masked := io.MultiReader(bytes.NewReader(head), bytes.NewReader(length), bytes.NewReader(make([]byte, 4)), r)
	op, payload, err := readFrame(bufio.NewReaderSize(masked, 1<<17))
	if err != nil {
		t.Fatal(err)
	}
	return op, payload
}
