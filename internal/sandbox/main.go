// Command sandbox boots a Kubernetes cluster on this machine, with an image
// registry beside it, and makes what the platform is installed from: images and
// manifests. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/confine"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/privilege"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/registry"
)

const usage = `usage: go -C internal/sandbox run . COMMAND [flags]

  up      boot a cluster; on a running one, repair what has died
  scale   have nodes join a cluster or leave it, until it has as many as --nodes says
  stop PROGRAM...
          end programs of a cluster's first node, such as kube-apiserver; up starts them again
  down    end a cluster and remove all that it left on the machine
  manifests
          have all ready that the platform is installed from, and print its folder
  backups have all ready that clusters are backed up with, and print its folder
  status  show clusters, their processes and what is installed; exit code 0 when all is well
  env     print the shell's export lines for a cluster
  smoke   deploy an application, ask it through the gateway, remove it
  image NAME:TAG DIR...
          make an image of folders, each a layer, push it, and print its name with its digest

flags:
  --name NAME   the cluster's name (default "primary")
  --index N     up: 1 to 9, makes its addresses: 10.200.N.2 (default 1)
  --nodes N     scale: 1 to 9, the first among them, which stays
  --bare        up: Kubernetes alone, without making ready what the platform is installed from
  --previous    manifests: of the Knative version before, from which tests upgrade
  --programs DIR
                backups: where Velero's programs and the object store's are
  --all         down: every cluster, the image registry, and the object store with all backups

Files are kept in $SLS_CACHE, else in the cache folder of the user.
To use a cluster of your own instead of a sandbox, set SLS_KUBECONFIG.
`

// options are the command line's flags.
type options struct {
	name  string
	index int
	nodes int
	bare  bool
	all   bool
	// programs is the folder with Velero's programs.
	programs string
	// previous asks for Knative's version before.
	previous bool
	// operands are the name of an image and its folders, or programs to stop.
	operands []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// client-go also logs the errors that it returns.
	utilruntime.ErrorHandlers = nil
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(os.Stdout, usage)
		return
	}
	if err != nil {
		fmt.Fprint(os.Stderr, explain(err))
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr *os.File) error {
	if len(args) == 0 {
		return errUsage("no command")
	}
	command, args := args[0], args[1:]
	switch command {
	case confine.Command:
		return confine.Main(args[0])
	case registry.Command:
		return registry.Serve(ctx, args[0])
	case "help", "-h", "--help":
		return flag.ErrHelp
	}
	o, err := parse(command, args)
	if err != nil {
		return err
	}
	root, err := layout.Find(os.Getenv)
	if err != nil {
		return err
	}
	switch command {
	case "up", "scale", "stop", "down", "manifests", "backups":
		// Made before root makes anything: under sudo it is the user's.
		if err := os.MkdirAll(string(root), 0o755); err != nil {
			return err
		}
		if err := privilege.Ensure(stderr, os.Environ(), map[string]string{layout.Env: string(root), "HOME": os.Getenv("HOME")}); err != nil {
			return err
		}
	}
	switch command {
	case "up":
		return up(ctx, root, o, stderr)
	case "scale":
		return scale(ctx, root, o, stderr)
	case "stop":
		return stop(ctx, root, o, stderr)
	case "down":
		return down(ctx, root, o, stderr)
	case "manifests":
		return manifests(ctx, root, o, stdout, stderr)
	case "backups":
		return backups(ctx, root, o, stdout, stderr)
	case "status":
		return status(ctx, root, stdout)
	case "env":
		return printEnv(root, o, stdout)
	case "smoke":
		return smoke(ctx, root, o, stderr)
	case "image":
		return pushFolders(ctx, o.operands, stdout)
	default:
		return errUsage("no such command: " + command)
	}
}

func parse(command string, args []string) (options, error) {
	o := options{}
	f := flag.NewFlagSet(command, flag.ContinueOnError)
	f.SetOutput(io.Discard) // run's caller prints the error, and usage
	f.StringVar(&o.name, "name", "primary", "")
	f.IntVar(&o.index, "index", 1, "")
	f.IntVar(&o.nodes, "nodes", 0, "")
	f.BoolVar(&o.bare, "bare", false, "")
	f.BoolVar(&o.previous, "previous", false, "")
	f.BoolVar(&o.all, "all", false, "")
	f.StringVar(&o.programs, "programs", "", "")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, errUsage(err.Error())
	}
	if named := false; o.all {
		f.Visit(func(g *flag.Flag) { named = named || g.Name == "name" })
		if named {
			return o, errUsage("--all is every cluster, --name is one: which?")
		}
	}
	if command == "image" || command == "stop" {
		o.operands = f.Args()
	} else if f.NArg() > 0 {
		return o, errUsage("unexpected argument: " + f.Arg(0))
	}
	return o, nil
}

// errUsage is a mistake in the command line.
type errUsage string

func (e errUsage) Error() string { return string(e) + "\n\n" + usage }
