package acctest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Names in examples/rbac/application-owner.yaml.
const (
	ownerFile         = "application-owner.yaml"
	ownerRole         = "sls-application-owner"
	ownerPlatformRole = "sls-application-owner-platform"
)

// ownersNamespace holds the accounts of the tests' application owners.
const ownersNamespace = "sls-acctest"

// tokenTime is longer than any run of tests.
const tokenTime = 4 * time.Hour

// owner is who owns the applications in tests.
type owner struct {
	Account
	account string // the service account's name
	role    string // the ClusterRole for a namespace, as it is named on the cluster
}

// Owner returns the account that the provider works as in tests, unless they say
// otherwise: it has the rights of examples/rbac/application-owner.yaml, in every
// Namespace of a test, and no others. What the example lacks fails a test.
func Owner(t testing.TB) Account {
	t.Helper()
	Kubeconfig(t)
	o, err := applicationOwner()
	if err != nil {
		t.Fatalf("making the account of the tests' application owner: %s", err)
	}
	return o.Account
}

// applicationOwner makes the account, once in a test run. Packages whose tests
// run at the same time share it.
var applicationOwner = sync.OnceValues(func() (*owner, error) {
	ctx := context.Background()
	cluster, err := connect()
	if err != nil {
		return nil, err
	}
	roles, err := ExampleRoles(ownerFile)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, role := range []string{ownerRole, ownerPlatformRole} {
		if roles[role] == nil {
			return nil, fmt.Errorf("%s has no ClusterRole %s", ownerFile, role)
		}
		if names[role], err = cluster.install(ctx, roles[role]); err != nil {
			return nil, err
		}
	}
	// Another version of the roles has another account, so that no rights of
	// the one before are left.
	o := &owner{role: names[ownerRole]}
	o.account = fmt.Sprintf("owner-%x", sha256.Sum256([]byte(names[ownerRole]+names[ownerPlatformRole])))[:14]
	o.User = "system:serviceaccount:" + ownersNamespace + ":" + o.account

	meta := metav1.ObjectMeta{Name: o.account, Labels: map[string]string{testLabel: "true"}}
	_, err = cluster.Core.Namespaces().Create(ctx, &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{Name: ownersNamespace, Labels: map[string]string{testLabel: "true"}},
	}, metav1.CreateOptions{})
	if ignoreExists(err) == nil {
		_, err = cluster.Core.ServiceAccounts(ownersNamespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: meta}, metav1.CreateOptions{})
	}
	if ignoreExists(err) == nil {
		meta.Name = "sls-test-" + meta.Name
		_, err = cluster.RBAC.ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
			ObjectMeta: meta, Subjects: o.subjects(),
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: names[ownerPlatformRole]},
		}, metav1.CreateOptions{})
	}
	if err := ignoreExists(err); err != nil {
		return nil, err
	}
	o.Kubeconfig, err = o.writeKubeconfig(ctx, cluster)
	return o, err
})

func (o *owner) subjects() []rbacv1.Subject {
	return []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: o.User}}
}

// writeKubeconfig writes a kubeconfig with a fresh token, and returns its path.
// A run at the same time writes another that is as good.
func (o *owner) writeKubeconfig(ctx context.Context, cluster *Cluster) (string, error) {
	seconds := int64(tokenTime / time.Second)
	request, err := cluster.Core.ServiceAccounts(ownersNamespace).CreateToken(ctx, o.account,
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "acctest")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, fmt.Sprintf("%s-%x.kubeconfig", o.account, sha256.Sum256([]byte(cluster.Config.Host)))[:len(o.account)+9])
	scratch := fmt.Sprintf("%s.%d", path, os.Getpid())
	err = clientcmd.WriteToFile(*kubeconfigFor(cluster.Config, &clientcmdapi.AuthInfo{Token: request.Status.Token}), scratch)
	if err != nil {
		return "", err
	}
	return path, os.Rename(scratch, path)
}

// own gives the owner a namespace, and waits until the API server knows it: it
// learns of role bindings by a watch.
func (o *owner) own(ctx context.Context, cluster *Cluster, namespace string) error {
	_, err := cluster.RBAC.RoleBindings(namespace).Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "owner"}, Subjects: o.subjects(),
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: o.role},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	return eventually(ctx, answerTime, func(ctx context.Context) error {
		for _, attributes := range []authorizationv1.ResourceAttributes{
			{Namespace: namespace, Verb: "patch", Group: "serving.knative.dev", Resource: "services"},
			{Verb: "get", Resource: "namespaces", Name: metav1.NamespaceSystem},
		} {
			review, err := cluster.Authorization.SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{
				Spec: authorizationv1.SubjectAccessReviewSpec{User: o.User, ResourceAttributes: &attributes},
			}, metav1.CreateOptions{})
			if err != nil {
				return err
			}
			if !review.Status.Allowed {
				return errors.New("the API server does not know of the owner's rights yet")
			}
		}
		return nil
	})
}

func ignoreExists(err error) error {
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}
