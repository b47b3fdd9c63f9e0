package acctest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// ExampleRoles returns the ClusterRoles of a file of examples/rbac, by their
// names there.
func ExampleRoles(file string) (map[string]*rbacv1.ClusterRole, error) {
	module, err := moduleDir()
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(filepath.Join(module, "examples", "rbac", file))
	if err != nil {
		return nil, err
	}
	roles := map[string]*rbacv1.ClusterRole{}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	for {
		role := &rbacv1.ClusterRole{}
		err := decoder.Decode(role)
		if errors.Is(err, io.EOF) {
			return roles, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		roles[role.Name] = role
	}
}

// InstallRoles has the ClusterRoles of a file of examples/rbac on the tests'
// cluster, and returns their names there, by those in the file.
func InstallRoles(t testing.TB, file string) map[string]string {
	t.Helper()
	roles, err := ExampleRoles(file)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for name, role := range roles {
		if names[name], err = OnCluster(t).install(t.Context(), role); err != nil {
			t.Fatalf("installing the role %s: %s", name, err)
		}
	}
	return names
}

// install makes a role on the cluster, and returns its name there. The name
// tells the rules: checkouts that test on one cluster at the same time don't
// change each other's. It stays there, since nobody knows who else uses it.
func (c *Cluster) install(ctx context.Context, role *rbacv1.ClusterRole) (string, error) {
	rules, err := json.Marshal(role.Rules)
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("%s-test-%x", role.Name, sha256.Sum256(rules))[:len(role.Name)+len("-test-")+8]
	body, err := json.Marshal(&rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{testLabel: "true"}},
		Rules:      role.Rules,
	})
	if err != nil {
		return "", err
	}
	force := true
	_, err = c.RBAC.ClusterRoles().Patch(ctx, name, types.ApplyPatchType, body, metav1.PatchOptions{FieldManager: "sls-acctest", Force: &force})
	return name, err
}
