// Package build makes the platform's programs from their sources in the Go
// module proxy, upstream untouched. The two modules below this folder pin
// every version; results go to a cache keyed by all that went into them.
package build

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cachedir"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/steps"
)

// Kubernetes is the version of Kubernetes in the platform module.
const Kubernetes = "v1.35.4"

// Istio is the version that istiod and its charts go by: the release whose API
// it pins. They themselves are of the branch that it was made from.
const Istio = "1.31.1"

// Builder runs the Go toolchain.
type Builder struct {
	// Source is the sandbox's source folder.
	Source string
	Store  cachedir.Store
	// Logs receives a log for each build.
	Logs string
	// User is whom the toolchain runs as, so that a user's module and build
	// caches stay the user's when the sandbox itself runs under sudo. Nil
	// means oneself.
	User *syscall.Credential
}

// target is one call of go build.
type target struct {
	packages []string
	// out is a file, or, ending in a slash, a folder.
	out     string
	ldflags string
}

// set is what one cache entry holds.
type set struct {
	name string
	// module is the folder, within Source, to build in.
	module string
	// inputs tells which of the module's files count.
	inputs  func(path string) bool
	tags    string
	targets []target
}

// The compiler's flags: no debugging information, and no inlining outside
// the standard library. Both make the cold build much shorter; programs
// run some 4 % slower for it.
var compile = []string{"-trimpath", "-gcflags=all=-dwarf=false -l", "-gcflags=std=-dwarf=false"}

// Without these, Kubernetes tells a version that Knative refuses.
func kubernetesVersion() string {
	const pkg = "k8s.io/component-base/version."
	var flags strings.Builder
	major, rest, _ := strings.Cut(strings.TrimPrefix(Kubernetes, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	for _, kv := range [][2]string{
		{"gitVersion", Kubernetes},
		{"gitMajor", major},
		{"gitMinor", minor},
		{"gitCommit", strings.Repeat("0", 40)},
		{"gitTreeState", "clean"},
		{"buildDate", "2026-04-15T00:00:00Z"},
	} {
		fmt.Fprintf(&flags, " -X %s%s=%s", pkg, kv[0], kv[1])
	}
	return flags.String()
}

func moduleFiles(path string) bool {
	return path == "go.mod" || path == "go.sum" || strings.HasSuffix(path, ".go")
}

const stripped = "-s -w"

// KnativePrograms are the programs of Knative Serving.
var KnativePrograms = []string{"controller", "webhook", "activator", "autoscaler", "queue"}

// platform is everything that builds with Kubernetes' own client libraries.
func platform() set {
	serving := []string{"./cmd/..."}
	for _, c := range KnativePrograms {
		serving = append(serving, "knative.dev/serving/cmd/"+c)
	}
	return set{
		name: "platform", module: "build/platform", inputs: moduleFiles,
		targets: []target{
			{packages: serving, out: "./", ldflags: stripped + kubernetesVersion()},
			// Also called "controller": a file of its own name.
			{packages: []string{"knative.dev/net-gateway-api/cmd/controller"}, out: "net-gateway-api", ldflags: stripped + kubernetesVersion()},
		},
	}
}

// knativePrevious are the programs of the version before, for tests of an
// upgrade.
func knativePrevious() set {
	var serving []string
	for _, c := range KnativePrograms {
		serving = append(serving, "knative.dev/serving/cmd/"+c)
	}
	return set{
		name: "knative-previous", module: Previous.module, inputs: moduleFiles,
		targets: []target{{packages: serving, out: "./", ldflags: stripped}},
	}
}

// istio is istiod, which wants newer client libraries than Kubernetes.
func istio() set {
	return set{
		name: "istio", module: "build/istio", inputs: moduleFiles,
		tags:    "disable_pgv", // Envoy's API without its generated validators, as Istio builds itself
		targets: []target{{packages: []string{"istio.io/istio/pilot/cmd/pilot-discovery"}, out: "./", ldflags: stripped}},
	}
}

// HelloVersions are the versions of the test application.
var HelloVersions = []string{"v1", "v2", "v3"}

// hello is the test application: one program for each version.
func hello() set {
	s := set{name: "hello", module: ".", inputs: func(path string) bool {
		return strings.HasPrefix(path, "hello/") && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go")
	}}
	for _, v := range HelloVersions {
		s.targets = append(s.targets, target{packages: []string{"./hello"}, out: "hello-" + v, ldflags: stripped + " -X main.version=" + v})
	}
	return s
}

// plugin is the program that Velero's plugins come to its pod with.
func plugin() set {
	return set{
		name: "plugin", module: ".", inputs: func(path string) bool { return path == "plugin/main.go" },
		targets: []target{{packages: []string{"./plugin"}, out: "plugin", ldflags: stripped}},
	}
}

// Platform builds Kubernetes, etcd, CoreDNS, Knative and net-gateway-api and
// returns the folder with the programs.
func (b Builder) Platform(ctx context.Context, say func(string)) (string, error) {
	return b.get(ctx, platform(), say)
}

// KnativePrevious builds the programs of Knative's version before and returns
// their folder.
func (b Builder) KnativePrevious(ctx context.Context, say func(string)) (string, error) {
	return b.get(ctx, knativePrevious(), say)
}

// Istio builds istiod.
func (b Builder) Istio(ctx context.Context, say func(string)) (string, error) {
	return b.get(ctx, istio(), say)
}

// Hello builds the test application's versions.
func (b Builder) Hello(ctx context.Context, say func(string)) (string, error) {
	return b.get(ctx, hello(), say)
}

// Plugin builds what the image of a Velero plugin starts, and returns its folder.
func (b Builder) Plugin(ctx context.Context, say func(string)) (string, error) {
	return b.get(ctx, plugin(), say)
}

func (b Builder) get(ctx context.Context, s set, say func(string)) (string, error) {
	key, err := b.key(ctx, s)
	if err != nil {
		return "", err
	}
	return b.Store.Get(ctx, s.name, key, func(dir string) error { return b.build(ctx, s, dir, say) })
}

func (b Builder) key(ctx context.Context, s set) (cachedir.Key, error) {
	version, err := b.output(ctx, s, "env", "GOVERSION", "GOARCH")
	if err != nil {
		return cachedir.Key{}, err
	}
	parts := append([]string{version, s.tags}, compile...)
	for _, t := range s.targets {
		parts = append(parts, t.packages...)
		parts = append(parts, t.out, t.ldflags)
	}
	key := cachedir.NewKey(parts...)
	return key, key.Files(filepath.Join(b.Source, s.module), s.inputs)
}

func (b Builder) build(ctx context.Context, s set, dir string, say func(string)) error {
	file, err := b.log(s, "build-")
	if err != nil {
		return err
	}
	defer file.Close()
	log := file.Name()
	if b.User != nil {
		if err := os.Chown(dir, int(b.User.Uid), int(b.User.Gid)); err != nil {
			return err
		}
	}
	total, err := b.packages(ctx, s, file, say)
	if err != nil {
		return &steps.Failure{Log: log, Err: err}
	}
	compiled := 0
	for _, t := range s.targets {
		out := filepath.Join(dir, t.out)
		if strings.HasSuffix(t.out, "/") {
			out += "/"
		}
		args := append([]string{"build", "-v", "-o", out}, compile...)
		args = append(args, "-tags="+s.tags, "-ldflags="+t.ldflags)
		err := b.run(ctx, s, append(args, t.packages...), file, nil, func(line string) {
			if !strings.HasPrefix(line, "go: ") {
				compiled++
				say(fmt.Sprintf("%d of at most %d packages compiled", compiled, total))
			}
		})
		if err != nil {
			return &steps.Failure{Log: log, Err: err}
		}
	}
	return nil
}

// FetchPlatform fetches the modules that Platform needs, unless it is built.
func (b Builder) FetchPlatform(ctx context.Context, say func(string)) error {
	return b.fetch(ctx, platform(), say)
}

// FetchIstio fetches the modules that Istio needs, unless it is built.
func (b Builder) FetchIstio(ctx context.Context, say func(string)) error {
	return b.fetch(ctx, istio(), say)
}

func (b Builder) fetch(ctx context.Context, s set, say func(string)) error {
	key, err := b.key(ctx, s)
	if err != nil || b.Store.Has(s.name, key) {
		return err
	}
	file, err := b.log(s, "fetch-")
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := b.packages(ctx, s, file, say); err != nil {
		return &steps.Failure{Log: file.Name(), Err: err}
	}
	return nil
}

// packages counts the packages to build, for which it fetches them all.
func (b Builder) packages(ctx context.Context, s set, log io.Writer, say func(string)) (int, error) {
	args := []string{"list", "-deps", "-tags=" + s.tags}
	for _, t := range s.targets {
		args = append(args, t.packages...)
	}
	total, fetched := 0, 0
	err := b.run(ctx, s, args, log, func(string) { total++ }, func(string) {
		fetched++
		say(fmt.Sprintf("%d modules fetched", fetched))
	})
	return total, err
}

// log begins a log of work on a set.
func (b Builder) log(s set, prefix string) (*os.File, error) {
	if err := os.MkdirAll(b.Logs, 0o755); err != nil {
		return nil, err
	}
	return os.Create(filepath.Join(b.Logs, prefix+s.name+".log"))
}

func (b Builder) command(ctx context.Context, s set, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = filepath.Join(b.Source, s.module)
	// Static programs; no garbage collection in the compiler up to a limit,
	// as each of its processes is short-lived.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOWORK=off", "GOGC=off", "GOMEMLIMIT=6GiB")
	// The compilers that go starts must end with it when we are interrupted.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: b.User}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

func (b Builder) output(ctx context.Context, s set, args ...string) (string, error) {
	defer stay()()
	out, err := b.command(ctx, s, args).Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// stay keeps the goroutine on its thread until the result is called. A child is
// told of its parent's death when the thread ends that started it, not the
// process; and threads do end here, those that were in another namespace.
func stay() (leave func()) {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

// run runs go and hands its lines on; those of standard error go to the log
// as well.
func (b Builder) run(ctx context.Context, s set, args []string, log io.Writer, stdout, stderr func(string)) error {
	cmd := b.command(ctx, s, args)
	fmt.Fprintf(log, "go %q\n", args)
	errs, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	cmd.Stdout = &lines{each: stdout}
	defer stay()()
	if err := cmd.Start(); err != nil {
		return err
	}
	scan := bufio.NewScanner(io.TeeReader(errs, log))
	for scan.Scan() {
		stderr(scan.Text())
	}
	// A line too long to scan must not stop the program by a full pipe.
	_, _ = io.Copy(log, errs)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("go %s in %s: %w", args[0], s.module, err)
	}
	return nil
}

// lines calls each for every line written to it.
type lines struct {
	each func(string)
	rest string
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest += string(p)
	for {
		line, rest, ok := strings.Cut(l.rest, "\n")
		if !ok {
			return len(p), nil
		}
		l.rest = rest
		if l.each != nil {
			l.each(line)
		}
	}
}
