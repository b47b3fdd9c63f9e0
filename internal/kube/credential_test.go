package kube

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// plugin writes a credential plugin that counts its runs in a file.
func plugin(t *testing.T, body string) (command string, runs func() int) {
	t.Helper()
	counter := filepath.Join(t.TempDir(), "runs")
	command = write(t, "plugin", "#!/bin/sh\necho run >> "+counter+"\n"+body)
	if err := os.Chmod(command, 0o700); err != nil {
		t.Fatal(err)
	}
	return command, func() int {
		content, err := os.ReadFile(counter)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return strings.Count(string(content), "run")
	}
}

const credentialV1 = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'"$WORD"'"}}`

func TestCredentialPluginRunsOnceForManyClients(t *testing.T) {
	command, runs := plugin(t, "echo '"+credentialV1+"'\n")
	config := Connection{Host: "https://api.example", Exec: &Exec{
		APIVersion: "client.authentication.k8s.io/v1",
		Command:    command,
		Env:        map[string]string{"WORD": "open", "OTHER": "1"},
	}}.mustResolve(t)
	if config.ExecProvider == nil {
		t.Fatal("the plugin is not configured")
	}
	if err := tryCredentialPlugin(config); err != nil {
		t.Fatal(err)
	}
	if runs() != 1 {
		t.Errorf("the plugin ran %d times, want once", runs())
	}
}

func TestFailingCredentialPlugin(t *testing.T) {
	for name, test := range map[string]struct{ apiVersion, body string }{
		"exits with an error":  {"client.authentication.k8s.io/v1", "exit 3\n"},
		"prints nothing":       {"client.authentication.k8s.io/v1", "exit 0\n"},
		"prints other version": {"client.authentication.k8s.io/v1beta1", "echo '" + credentialV1 + "'\n"},
		"unknown version":      {"client.authentication.k8s.io/v1alpha1", "exit 0\n"},
	} {
		t.Run(name, func(t *testing.T) {
			command, _ := plugin(t, test.body)
			_, err := Connection{Host: "https://api.example", Exec: &Exec{APIVersion: test.apiVersion, Command: command}}.RESTConfig()
			var credential *CredentialError
			if !errors.As(err, &credential) || credential.Command != command {
				t.Errorf("got %v, want a *CredentialError", err)
			}
		})
	}

	_, err := Connection{Host: "https://api.example", Exec: &Exec{APIVersion: "client.authentication.k8s.io/v1", Command: "sls-no-such-program"}}.RESTConfig()
	var credential *CredentialError
	if !errors.As(err, &credential) {
		t.Errorf("a program that is not there: got %v, want a *CredentialError", err)
	}
}
