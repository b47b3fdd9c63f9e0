package acctest

import (
	"context"
	"net"
	"os/exec"
	"testing"
	"time"
)

// listening is how long a program on this machine may take to listen.
const listening = time.Minute

// StartService runs a program until the test ends. It must not end before.
func StartService(t testing.TB, name string, command *exec.Cmd) {
	t.Helper()
	startService(t, name, command)
}

// FreeAddress returns an address of this machine's own, host:port, that nobody
// listens at.
func FreeAddress(t testing.TB) string {
	t.Helper()
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	return free.Addr().String()
}

// AwaitListener waits until a program listens at the address.
func AwaitListener(t testing.TB, address string) {
	t.Helper()
	Eventually(t, listening, func(ctx context.Context) error {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return connection.Close()
	})
}
