package acctest

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Account is a user of the cluster that a test made.
type Account struct {
	Kubeconfig string // path
	User       string // as the API server names it

	cluster *Cluster
}

// NewAccount makes a service account in a namespace. It may do nothing until
// it gets a role.
func NewAccount(t testing.TB, namespace string) Account {
	t.Helper()
	return OnCluster(t).NewAccount(t, namespace)
}

// NewAccount makes a service account as the function does, on this cluster.
func (cluster *Cluster) NewAccount(t testing.TB, namespace string) Account {
	t.Helper()
	accounts := cluster.Core.ServiceAccounts(namespace)
	account, err := accounts.Create(t.Context(), &corev1.ServiceAccount{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "test-", Labels: map[string]string{testLabel: "true"}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("creating a service account for the test: %s", err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := ignoreNotFound(accounts.Delete(ctx, account.Name, metav1.DeleteOptions{})); err != nil {
			t.Errorf("deleting the test's service account: %s", err)
		}
	})

	seconds := int64(tokenTime / time.Second)
	request, err := accounts.CreateToken(t.Context(), account.Name,
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("requesting a token for the test's service account: %s", err)
	}
	return Account{
		Kubeconfig: writeKubeconfig(t, cluster.Config, &clientcmdapi.AuthInfo{Token: request.Status.Token}),
		User:       "system:serviceaccount:" + namespace + ":" + account.Name,
		cluster:    cluster,
	}
}

// Grant gives the account a cluster role, such as view or cluster-admin: in the
// namespace, or everywhere when that is empty.
func (a Account) Grant(t testing.TB, namespace, role string) {
	t.Helper()
	client := a.cluster.RBAC
	meta := metav1.ObjectMeta{GenerateName: "sls-test-", Labels: map[string]string{testLabel: "true"}}
	subjects := []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: a.User}}
	reference := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}
	ctx := context.WithoutCancel(t.Context())

	if namespace != "" {
		_, err := client.RoleBindings(namespace).Create(ctx,
			&rbacv1.RoleBinding{ObjectMeta: meta, Subjects: subjects, RoleRef: reference}, metav1.CreateOptions{})
		if err != nil {
			t.Fatalf("granting %s in %s: %s", role, namespace, err)
		}
		return // it goes with its namespace
	}

	bindings := client.ClusterRoleBindings()
	binding, err := bindings.Create(ctx,
		&rbacv1.ClusterRoleBinding{ObjectMeta: meta, Subjects: subjects, RoleRef: reference}, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("granting %s: %s", role, err)
	}
	t.Cleanup(func() {
		if err := ignoreNotFound(bindings.Delete(ctx, binding.Name, metav1.DeleteOptions{})); err != nil {
			t.Errorf("deleting the test's role binding: %s", err)
		}
	})
}

// Allow gives the account rights of its own: in the namespace, or everywhere
// when that is empty. They end with the test.
func (a Account) Allow(t testing.TB, namespace string, rules ...rbacv1.PolicyRule) {
	t.Helper()
	client := a.cluster.RBAC
	meta := metav1.ObjectMeta{GenerateName: "sls-test-", Labels: map[string]string{testLabel: "true"}}
	ctx := context.WithoutCancel(t.Context())
	if namespace == "" {
		role, err := client.ClusterRoles().Create(ctx, &rbacv1.ClusterRole{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{})
		if err != nil {
			t.Fatalf("making a cluster role for the test: %s", err)
		}
		t.Cleanup(func() {
			if err := ignoreNotFound(client.ClusterRoles().Delete(ctx, role.Name, metav1.DeleteOptions{})); err != nil {
				t.Errorf("deleting the test's cluster role: %s", err)
			}
		})
		a.Grant(t, "", role.Name)
		return
	}
	role, err := client.Roles(namespace).Create(ctx, &rbacv1.Role{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("making a role for the test in %s: %s", namespace, err)
	}
	binding, err := client.RoleBindings(namespace).Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: meta,
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: a.User}},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("granting the test's role in %s: %s", namespace, err)
	}
	t.Cleanup(func() {
		err := errors.Join(
			ignoreNotFound(client.RoleBindings(namespace).Delete(ctx, binding.Name, metav1.DeleteOptions{})),
			ignoreNotFound(client.Roles(namespace).Delete(ctx, role.Name, metav1.DeleteOptions{})))
		if err != nil {
			t.Errorf("deleting the test's role in %s: %s", namespace, err)
		}
	})
}

// writeKubeconfig writes a kubeconfig for the tests' cluster with another user.
func writeKubeconfig(t testing.TB, config *rest.Config, user *clientcmdapi.AuthInfo) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*kubeconfigFor(config, user), path); err != nil {
		t.Fatalf("writing a kubeconfig for the test: %s", err)
	}
	return path
}

// kubeconfigFor returns a kubeconfig for a cluster with another user.
func kubeconfigFor(config *rest.Config, user *clientcmdapi.AuthInfo) *clientcmdapi.Config {
	const name = "test"
	return &clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {
			Server:                   config.Host,
			CertificateAuthorityData: config.CAData,
			InsecureSkipTLSVerify:    config.Insecure,
			TLSServerName:            config.ServerName,
		}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: user},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}
}
