package acctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/provider"
)

// argoVersion is what .ci/clients/workflow-controller pins.
const argoVersion = "v3.7.3"

// argoTurn is how long the tests of other checkouts may have Argo Workflows.
const argoTurn = 15 * time.Minute

// Argo makes a namespace as Namespace does, and installs Argo Workflows in it, from
// its own manifests, to look after that namespace alone. It ends with the test. Its
// kinds are the cluster's: no other test has them at the same time.
func Argo(t testing.TB) (namespace string) {
	t.Helper()
	enabled(t)
	if os.Getenv("SLS_ARGO") == "" {
		t.Skip("SLS_ARGO is not set: Argo Workflows takes minutes to compile, see make testacc-argo")
	}
	variable(t, "SLS_REGISTRY_ENDPOINT", "the images are in the sandbox's registry only")
	controller := ClientProgram(t, "workflow-controller")
	own(t, "argo", argoTurn)
	namespace = Namespace(t)

	image := func(program string) string {
		return pushImage(t, "argo/"+program+":"+argoVersion, map[string]string{
			"usr/local/bin/" + program: filepath.Join(filepath.Dir(controller), program),
		})
	}
	// An installation for one namespace, without the server for its pages; the
	// manifests don't say which user the controller is, as their image does.
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "manifests"), os.DirFS(filepath.Join(argoSource(t), "manifests"))); err != nil {
		t.Fatal(err)
	}
	repository, digest, _ := strings.Cut(image("workflow-controller"), "@")
	writeFile(t, filepath.Join(dir, "kustomization.yaml"), Render(t, `
namespace: {{.namespace}}
resources:
  - manifests/base/crds/minimal
  - manifests/base/workflow-controller
  - manifests/namespace-install/workflow-controller-rbac
images:
  - { name: quay.io/argoproj/workflow-controller, newName: "{{.repository}}", digest: "{{.digest}}" }
patches:
  - target: { kind: Deployment, name: workflow-controller }
    patch: |
      - { op: add, path: /spec/template/spec/containers/0/args, value: [--namespaced, --executor-image, "{{.executor}}"] }
      - { op: add, path: /spec/template/spec/containers/0/env/-, value: { name: DEFAULT_REQUEUE_TIME, value: 1s } } # not 10 s
      - { op: add, path: /spec/template/spec/securityContext/runAsUser, value: 65532 }
labels:
  - { pairs: { {{.label}}: "true" } }
`, Values{"namespace": namespace, "repository": repository, "digest": digest, "executor": image("argoexec"), "label": testLabel}))

	t.Cleanup(func() { Kubectl(t, "", "delete", "-k", dir, "--ignore-not-found", "--timeout=60s") })
	Kubectl(t, "", "apply", "--server-side", "-k", dir)
	Kubectl(t, "", "rollout", "status", "deployment/workflow-controller", "-n", namespace, "--timeout=120s")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("workflow-controller:\n%s", tail(Kubectl(t, "", "logs", "-n", namespace, "deployment/workflow-controller")))
		}
	})
	return namespace
}

// argoSource is the folder of Argo Workflows' module.
func argoSource(t testing.TB) string {
	t.Helper()
	module, err := moduleDir()
	if err != nil {
		t.Fatal(err)
	}
	source, err := exec.CommandContext(t.Context(), "go", "-C", filepath.Join(module, ".ci", "clients", "workflow-controller"),
		"list", "-m", "-f", "{{.Dir}}", "github.com/argoproj/argo-workflows/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(source))
}

// PipelineImage makes an image for the steps of a pipeline: Terraform with the
// provider, what release.sh calls, and folders of the checkout, by their places in
// the image. It returns the image's name.
func PipelineImage(t testing.TB, name string, folders map[string]string) string {
	t.Helper()
	built, err := buildProvider()
	if err != nil {
		t.Fatalf("building the provider: %s", err)
	}
	module, err := moduleDir()
	if err != nil {
		t.Fatal(err)
	}
	tools := map[string]string{}
	for as, program := range map[string]string{
		"terraform": terraformProgram(), "bash": "bash", "curl": "curl", "dirname": "dirname", "env": "env", "sed": "sed", "seq": "seq",
	} {
		path, err := exec.LookPath(program)
		if err != nil {
			t.Fatal(err)
		}
		tools["usr/bin/"+as] = path
	}
	// Where Terraform looks for providers before it asks a registry.
	host := os.Getenv("TF_ACC_PROVIDER_HOST")
	if host == "" {
		host, _, _ = strings.Cut(provider.Address, "/")
	}
	changing := t.TempDir() // unlike the tools: a layer of its own
	const version = "0.1.0"
	mirror := filepath.Join("usr/local/share/terraform/plugins", host, source, version, runtime.GOOS+"_"+runtime.GOARCH)
	link(t, changing, map[string]string{filepath.Join(mirror, filepath.Base(built)+"_v"+version): built})
	for to, from := range folders {
		if err := os.CopyFS(filepath.Join(changing, to), os.DirFS(filepath.Join(module, from))); err != nil {
			t.Fatal(err)
		}
	}
	return pushImage(t, name, tools, changing)
}

// pushImage has an image in the sandbox's registry, with files of this machine at
// their places, and folders as further layers. It returns the image's name, with
// its digest.
func pushImage(t testing.TB, name string, files map[string]string, folders ...string) string {
	t.Helper()
	below := t.TempDir()
	link(t, below, files)
	lines := strings.Split(strings.TrimSpace(sandbox(t, append([]string{"image", name, below}, folders...)...)), "\n")
	return lines[len(lines)-1]
}

// link puts links to files of this machine into a folder.
func link(t testing.TB, folder string, files map[string]string) {
	t.Helper()
	for to, from := range files {
		path := filepath.Join(folder, to)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.Symlink(from, path)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
