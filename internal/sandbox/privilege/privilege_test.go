package privilege

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSudoArgs(t *testing.T) {
	got := sudoArgs("/tmp/sandbox", []string{"up", "--name", "x"},
		[]string{"PATH=/my/bin:/bin", "HOME=/home/me", "GOPROXY=https://user:secret@host", "AWS_SECRET_ACCESS_KEY=s3cret", "KUBECONFIG=/k"},
		map[string]string{"SLS_CACHE": "/home/me/.cache/x", "HOME": "/home/me"})
	want := []string{"sudo", "--preserve-env=GOPROXY", "env", "PATH=/my/bin:/bin", "HOME=/home/me", "SLS_CACHE=/home/me/.cache/x", "/tmp/sandbox", "up", "--name", "x"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if strings.Contains(strings.Join(got, " "), "secret") {
		t.Error("a secret would show in the list of processes")
	}
}

func TestInvoker(t *testing.T) {
	env := func(uid, gid string) func(string) string {
		return func(k string) string { return map[string]string{"SUDO_UID": uid, "SUDO_GID": gid}[k] }
	}
	for _, uid := range []string{"", "0"} {
		if c, err := invoker(0, env(uid, "0")); c != nil || err != nil {
			t.Errorf("SUDO_UID=%q: got %v, %v", uid, c, err)
		}
	}
	if _, err := invoker(0, env("me", "0")); err == nil {
		t.Error("accepted SUDO_UID=me")
	}
	// Whoever runs the tests is a user that there is; for root, nobody is.
	uid := os.Getuid()
	if uid == 0 {
		uid = 65534
	}
	c, err := invoker(0, env(strconv.Itoa(uid), "65534"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Uid != uint32(uid) || c.Gid != 65534 {
		t.Errorf("got %+v", c)
	}
	if c, err := invoker(1000, env("65534", "65534")); c != nil || err != nil {
		t.Errorf("without root: got %v, %v", c, err)
	}
}

func TestTheOtherWayIsNamed(t *testing.T) {
	if !strings.Contains(ErrNoWay.Error(), "SLS_KUBECONFIG") {
		t.Error("the way without root is not named")
	}
}
