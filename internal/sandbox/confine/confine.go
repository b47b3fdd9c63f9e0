// Package confine starts the sandbox's long-running programs. Each is born in
// a cgroup of its own, by which it is found again, and a cluster's programs
// share a network and a mount namespace: what they mount vanishes with the
// last of them, however they end, and what they would write to fixed places
// of the host (/run/containerd, /var/log/containers, …) lands in the
// cluster's folder.
//
// A program is started by way of this same executable (Main), which enters
// the namespaces and then becomes the program. There is no moment at which
// the program runs outside its cgroup, whoever is killed when.
package confine

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
)

// Command is the sandbox's hidden subcommand that calls Main.
const Command = "confine"

// A Bind puts Source in the place of Target inside the mount namespace.
type Bind struct{ Source, Target string }

// Room is what the programs of one cluster share. A room without a network
// namespace has no mount namespace of its own either.
type Room struct {
	// Cgroup holds the programs' cgroups: Cgroup/programs/NAME.
	Cgroup string
	// Netns is the path of the network namespace, or empty for the host's.
	Netns string
	// Binds are made when the mount namespace is.
	Binds []Bind
	// Dir is the programs' working folder. It also tells one owner's
	// programs from another's.
	Dir string
}

// Program is one long-running program.
type Program struct {
	Name string
	Path string
	Args []string
	Env  []string
	Log  string
}

// plan is what the confining process is told.
type plan struct {
	Room    Room
	Program Program
	Digest  string
	Note    string
}

// programs is the cgroup below a room's that holds a cgroup for each program.
const programs = "programs"

// ShimsLeaf is the cgroup for containerd's shims, which outlive containerd
// and so must not be taken for it.
const ShimsLeaf = "shims"

func leaf(program string) string { return filepath.Join(programs, program) }

// note is the file in which a running program's digest is kept.
func (r Room) note(program string) string { return filepath.Join(r.Dir, program+".started") }

func (p Program) digest(r Room) string {
	text, err := json.Marshal(struct {
		R Room
		P Program
	}{r, p})
	if err != nil {
		panic(err) // strings alone: can't fail
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))
}

// Processes lists the program's processes: none means that it isn't running.
func (r Room) Processes(h cgroup.Hierarchies, program string) ([]int, error) {
	return h.Processes(r.Cgroup, leaf(program))
}

// Ensure has the program running just as described: it leaves one that is,
// restarts one that was started differently, and starts one that isn't
// running. It tells whether it started it.
func (r Room) Ensure(ctx context.Context, h cgroup.Hierarchies, p Program) (bool, error) {
	pids, err := r.Processes(h, p.Name)
	if err != nil {
		return false, err
	}
	digest := p.digest(r)
	if len(pids) > 0 {
		known, err := os.ReadFile(r.note(p.Name))
		if err == nil && string(known) == digest {
			return false, nil
		}
	}
	// Also where it has just been killed: its ports are free when it is gone.
	if err := r.Stop(ctx, h, p.Name); err != nil {
		return false, err
	}
	return true, r.start(p, digest)
}

// Stop ends one program.
func (r Room) Stop(ctx context.Context, h cgroup.Hierarchies, program string) error {
	if err := h.Stop(ctx, r.Cgroup, leaf(program), 10*time.Second); err != nil {
		return fmt.Errorf("stopping %s: %w", program, err)
	}
	return nil
}

func (r Room) start(p Program, digest string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	text, err := json.Marshal(plan{Room: r, Program: p, Digest: digest, Note: r.note(p.Name)})
	if err != nil {
		return err
	}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	// The confining process tells of a failure through this pipe, which
	// closes when it becomes the program.
	failure, told, err := os.Pipe()
	if err != nil {
		return err
	}
	defer failure.Close()
	cmd := exec.Command(self, Command, string(text)) // not CommandContext: it outlives us
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{told}
	cmd.Dir = "/"
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true}
	err = cmd.Start()
	told.Close()
	if err != nil {
		return fmt.Errorf("starting %s: %w", p.Name, err)
	}
	go func() { _ = cmd.Wait() }() // reap it, should it end before us
	var reason [4096]byte
	if n, _ := failure.Read(reason[:]); n > 0 {
		return fmt.Errorf("starting %s: %s", p.Name, reason[:n])
	}
	return nil
}

// Main is the confining process: it takes a plan, enters, and becomes the
// program.
func Main(arg string) error {
	report := os.NewFile(3, "report")
	if _, err := unix.FcntlInt(report.Fd(), unix.F_SETFD, unix.FD_CLOEXEC); err != nil {
		return fmt.Errorf("%s is for the sandbox's own use", Command)
	}
	err := enter(arg)
	fmt.Fprint(report, err)
	return err
}

func enter(arg string) error {
	var p plan
	if err := json.Unmarshal([]byte(arg), &p); err != nil {
		return err
	}
	h, err := cgroup.Detect()
	if err != nil {
		return err
	}
	// Namespaces belong to threads; the one that calls exec decides.
	runtime.LockOSThread()
	if err := h.Join(p.Room.Cgroup, leaf(p.Program.Name)); err != nil {
		return err
	}
	if p.Room.Netns != "" {
		if err := p.Room.enterMounts(h); err != nil {
			return fmt.Errorf("mount namespace: %w", err)
		}
		if err := setns(p.Room.Netns, unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("network namespace: %w", err)
		}
	}
	if err := os.WriteFile(p.Note, []byte(p.Digest), 0o644); err != nil {
		return err
	}
	if err := os.Chdir(p.Room.Dir); err != nil {
		return err
	}
	if err := raiseOpenFiles(); err != nil {
		return fmt.Errorf("limit of open files: %w", err)
	}
	env := append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.Room.Dir}, p.Program.Env...)
	err = unix.Exec(p.Program.Path, append([]string{p.Program.Path}, p.Program.Args...), env)
	return fmt.Errorf("%s: %w", p.Program.Path, err)
}

// raiseOpenFiles sets the limit of open files as high as may be. Containers
// inherit it, and the usual 1024 is too few for a gateway.
func raiseOpenFiles() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	limit.Cur = limit.Max
	return unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
}

// enterMounts enters the mount namespace that the room's processes are in,
// or makes it where there is none. Start returns only when this is done, and
// programs of one room are started one after the other: two can't both find
// none.
func (r Room) enterMounts(h cgroup.Hierarchies) error {
	// A Go process shares its working folder and root between its threads;
	// the kernel wants them apart before a thread changes its mounts.
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return err
	}
	own, err := os.Readlink("/proc/thread-self/ns/mnt")
	if err != nil {
		return err
	}
	// Programs and shims are in it; containers have one of their own each.
	for _, part := range []string{programs, ShimsLeaf} {
		pids, err := h.Living(filepath.Join(r.Cgroup, part))
		if err != nil {
			return err
		}
		for _, pid := range pids {
			path := fmt.Sprintf("/proc/%d/ns/mnt", pid)
			if other, err := os.Readlink(path); err != nil || other == own {
				continue // it has ended, or is this process itself
			}
			if err := setns(path, unix.CLONE_NEWNS); err == nil {
				return nil
			}
		}
	}
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return err
	}
	// Take part in what the host mounts, never the other way; but let
	// containers see one another's mounts, as the kubelet needs.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""); err != nil {
		return err
	}
	for _, b := range r.Binds {
		if _, err := os.Stat(b.Target); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := unix.Mount(b.Source, b.Target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("%s on %s: %w", b.Source, b.Target, err)
		}
	}
	return nil
}

func setns(path string, kind int) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Setns(int(f.Fd()), kind)
}
