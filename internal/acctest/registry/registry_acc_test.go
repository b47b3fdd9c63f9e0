// Package registry_test is the test of how people get the provider and the
// modules: from a registry, by init, in a folder where nothing is.
package registry_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsimple"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// TestAccRegistry publishes provider and modules, signed and by version, to a real
// registry, and consumes them from there: an application is deployed, upgraded
// with the modules and the provider, and one that pins the old version stays at
// it. What was changed after it was signed is refused.
func TestAccRegistry(t *testing.T) {
	signer, stranger := newSigner(t, "The test"), newSigner(t, "A stranger")
	r := newRegistry(t, signer)
	namespace := acctest.Namespace(t)
	first, second := newRelease(t, "0.1.0", signer), newRelease(t, "0.2.0", signer)

	say(t, "0.1.0 is published")
	r.publish(t, first)
	r.publishModules(t, first.version)

	shop := newConsumer(t, r)
	shop.configure("~> 0.1", deployment{"shop", namespace, "1.0.0", acctest.Image(t, "HELLO_V1")})
	said := shop.run("init")
	// Whose signature it is, both engines say.
	if id := signer.PrimaryKey.KeyIdString(); !strings.Contains(said, id) {
		t.Errorf("init does not name the key %s that the provider is signed with", id)
	}
	shop.has(first, "~> 0.1")
	shop.run("apply", "-auto-approve")
	shop.answers("v1")
	revision := shop.output("revision")

	say(t, "0.2.0 is published")
	r.publish(t, second)
	modules := r.publishModules(t, second.version)

	shop.run("init") // does not upgrade by itself
	shop.has(first, "~> 0.1")
	shop.run("init", "-upgrade")
	shop.has(second, "~> 0.1")
	shop.run("apply", "-auto-approve")
	shop.planIsEmpty()
	if is := shop.output("revision"); is != revision {
		t.Errorf("the upgrade has made the revision %s of what was %s", is, revision)
	}
	shop.configure("~> 0.1", deployment{"shop", namespace, "2.0.0", acctest.Image(t, "HELLO_V2")})
	shop.run("apply", "-auto-approve")
	shop.answers("v2")
	shop.planIsEmpty()

	t.Run("a pinned version stays", func(t *testing.T) {
		pinned := newConsumer(t, r)
		pinned.configure("0.1.0", deployment{"pinned", namespace, "1.0.0", acctest.Image(t, "HELLO_V1")})
		pinned.run("init", "-upgrade")
		pinned.has(first, "0.1.0")
		pinned.run("apply", "-auto-approve")
		pinned.answers("v1")
		pinned.planIsEmpty()
		pinned.run("destroy", "-auto-approve")
	})

	t.Run("every module is to be had", func(t *testing.T) {
		all := newConsumer(t, r)
		var calls strings.Builder
		for _, name := range modules {
			fmt.Fprintf(&calls, "module %q {\n  source  = %q\n  version = \"~> 0.1\"\n}\n", name, r.module(name))
		}
		write(t, all.tf.Path("main.tf"), []byte(calls.String()))
		all.run("init")
		for _, name := range modules {
			if is := all.modules()[name]; is != second.version {
				t.Errorf("the module %s is at version %q, want %s", name, is, second.version)
			}
		}
	})

	t.Run("who is not known publishes nothing", func(t *testing.T) {
		forged := second.copy(t)
		forged.sign(t, stranger)
		if output, err := r.uploadProvider(t, forged); err == nil || !strings.Contains(output, "no valid key found for signature") {
			t.Errorf("a release that a stranger has signed is not refused for that: %v\n%s", err, output)
		}
	})

	// Each changes what the one before has left.
	infected := second.copy(t)
	infected.infect(t)
	t.Run("what was tampered with is refused", func(t *testing.T) {
		newcomer := newConsumer(t, r)
		newcomer.configure("~> 0.2", deployment{"newcomer", namespace, "1.0.0", "unused"})
		r.tamper(t, infected.archive())
		newcomer.refuses("archive has incorrect checksum")

		// The sums go with it, and then nobody has signed them.
		infected.sum(t)
		r.tamper(t, infected.sums())
		newcomer.refuses("error checking signature")

		// A stranger has, who is not among the registry's keys.
		infected.sign(t, stranger)
		r.tamper(t, infected.signature())
		newcomer.refuses("authentication signature from unknown issuer")
	})

	say(t, "what was published anew, rightly signed, is refused by the lock file")
	infected.sign(t, signer)
	r.tamper(t, infected.signature())
	if err := os.RemoveAll(shop.tf.Path(".terraform")); err != nil {
		t.Fatal(err)
	}
	shop.refuses("doesn't match any of the checksums previously recorded in the dependency lock file")

	say(t, "what is locked is back, and the application is destroyed by it")
	r.tamper(t, second.archive(), second.sums(), second.signature())
	shop.run("init")
	shop.run("destroy", "-auto-approve")
}

// say writes a heading into the test's log.
func say(t *testing.T, text string) {
	t.Helper()
	t.Logf("==> %s", text)
}

// deployment is an application of the test image.
type deployment struct {
	name, namespace, version, image string
}

// consumer is who has an empty folder, and an address.
type consumer struct {
	t        *testing.T
	tf       *acctest.Terraform
	registry *registry
}

func newConsumer(t *testing.T, r *registry) *consumer {
	t.Helper()
	return &consumer{t, acctest.NewConsumer(t, r.authorities), r}
}

// configure writes a configuration that takes provider and module from the
// registry, at versions that the constraint allows.
func (c *consumer) configure(constraint string, d deployment) {
	c.t.Helper()
	config := acctest.Render(c.t, `terraform {
  required_providers {
    sls = {
      source  = {{quote .provider}}
      version = {{quote .constraint}}
    }
  }
}

{{.block}}
module "app" {
  source  = {{quote .module}}
  version = {{quote .constraint}}

  name        = {{quote .name}}
  namespace   = {{quote .namespace}}
  app_version = {{quote .version}}
  image       = {{quote .image}}
}

output "url" {
  value = module.app.url
}

output "revision" {
  value = module.app.revision
}
`, acctest.Values{
		"provider": c.registry.provider(), "module": c.registry.module("application"), "constraint": constraint,
		"block": acctest.ProviderBlock(c.t), "name": d.name, "namespace": d.namespace, "version": d.version, "image": d.image,
	})
	write(c.t, c.tf.Path("main.tf"), []byte(config))
	c.t.Logf("main.tf:\n%s", config)
}

// run runs a command of Terraform that must succeed, and returns what it says.
func (c *consumer) run(arguments ...string) string {
	c.t.Helper()
	result := c.try(arguments...)
	if result.ExitCode != 0 {
		c.t.Fatalf("terraform %s exited with %d", strings.Join(arguments, " "), result.ExitCode)
	}
	return result.Output
}

func (c *consumer) try(arguments ...string) acctest.Result {
	c.t.Helper()
	result := c.tf.Run(c.t, append(arguments, "-no-color")...)
	c.t.Logf("$ terraform %s\n%s", strings.Join(arguments, " "), result.Output)
	return result
}

// refuses checks that init fails for a reason, and leaves no provider.
func (c *consumer) refuses(reason string) {
	c.t.Helper()
	result := c.try("init")
	if result.ExitCode == 0 || !acctest.ErrorSays(reason).MatchString(result.Output) {
		c.t.Errorf("init exited with %d, and does not say %q", result.ExitCode, reason)
	}
	if installed, _ := filepath.Glob(c.tf.Path(".terraform/providers/*/*/*/*/*/*")); len(installed) > 0 {
		c.t.Errorf("init has installed %v", installed)
	}
}

// has checks that the release is what was installed: by the lock file, with the
// checksum that was signed; and by what Terraform says and has of the module.
func (c *consumer) has(of release, constraint string) {
	c.t.Helper()
	var lock struct {
		Providers []struct {
			Address     string   `hcl:"address,label"`
			Version     string   `hcl:"version"`
			Constraints string   `hcl:"constraints"`
			Hashes      []string `hcl:"hashes"`
		} `hcl:"provider,block"`
	}
	path := c.tf.Path(".terraform.lock.hcl")
	if err := hclsimple.DecodeFile(path, nil, &lock); err != nil {
		c.t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Logf(".terraform.lock.hcl:\n%s", text)
	if len(lock.Providers) != 1 {
		c.t.Fatalf("the lock file has %d providers, want one", len(lock.Providers))
	}
	locked := lock.Providers[0]
	if locked.Address != c.registry.provider() || locked.Version != of.version {
		c.t.Errorf("the lock file has %s at %s, want %s at %s", locked.Address, locked.Version, c.registry.provider(), of.version)
	}
	if !strings.Contains(locked.Constraints, constraint) {
		c.t.Errorf("the lock file has the constraints %q, want %q among them", locked.Constraints, constraint)
	}
	if want := "zh:" + checksum(c.t, of.archive()); !slices.Contains(locked.Hashes, want) {
		c.t.Errorf("the lock file lacks %s, the signed checksum of the package", want)
	}
	if is := c.modules()["app"]; is != of.version {
		c.t.Errorf("the module is at version %q, want %s", is, of.version)
	}
	var version struct {
		Selections map[string]string `json:"provider_selections"`
	}
	if err := json.Unmarshal([]byte(c.tf.Run(c.t, "version", "-json").Output), &version); err != nil {
		c.t.Fatal(err)
	}
	if is := version.Selections[c.registry.provider()]; is != of.version {
		c.t.Errorf("the provider is at version %q, want %s", is, of.version)
	}
}

// modules returns the versions of the modules that are installed, by the names
// of their calls.
func (c *consumer) modules() map[string]string {
	c.t.Helper()
	text, err := os.ReadFile(c.tf.Path(".terraform/modules/modules.json"))
	if err != nil {
		c.t.Fatal(err)
	}
	var installed struct {
		Modules []struct{ Key, Version string }
	}
	if err := json.Unmarshal(text, &installed); err != nil {
		c.t.Fatal(err)
	}
	versions := map[string]string{}
	for _, module := range installed.Modules {
		versions[module.Key] = module.Version
	}
	return versions
}

func (c *consumer) output(name string) string {
	c.t.Helper()
	return c.tf.Output(c.t, name)
}

// answers waits until the application answers as that version of the test image.
func (c *consumer) answers(version string) {
	c.t.Helper()
	answer := acctest.GetUntil(c.t, c.output("url"), func(answer acctest.Answer) error {
		if err := acctest.OK(answer); err != nil {
			return err
		}
		var told struct{ Version string }
		if err := json.Unmarshal([]byte(answer.Body), &told); err != nil {
			return err
		}
		if told.Version != version {
			return fmt.Errorf("it is version %s, want %s", told.Version, version)
		}
		return nil
	})
	c.t.Logf("%s answers %s", c.output("url"), answer)
}

func (c *consumer) planIsEmpty() {
	c.t.Helper()
	if !c.tf.PlanIsEmpty(c.t) {
		c.t.Error("the plan is not empty")
	}
	c.t.Log("the plan is empty")
}
