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

// Actor is somebody who uses the provider, with the rights that an example gives
// them: of what they lack there, a test fails.
type Actor struct {
	file        string // of examples/rbac
	inNamespace string // the ClusterRole that they have in every Namespace of a test
	onCluster   string // the ClusterRole that they have everywhere
}

// Who uses the provider.
var (
	ApplicationOwner = Actor{"application-owner.yaml", "sls-application-owner", "sls-application-owner-platform"}
	PlatformTeam     = Actor{"platform-team.yaml", "sls-platform-config", "sls-platform-viewer"}
)

// acting is who uses the provider in this package's tests.
var acting = ApplicationOwner

// ActAs says, in a package's TestMain, who uses the provider in its tests. It is
// ApplicationOwner otherwise.
func ActAs(actor Actor) { acting = actor }

// ownersNamespace holds the accounts of the actors.
const ownersNamespace = "sls-acctest"

// tokenTime is longer than any run of tests.
const tokenTime = 4 * time.Hour

// owner is the account of an actor.
type owner struct {
	Account
	account string            // the service account's name
	role    string            // the ClusterRole for a namespace, as it is named on the cluster
	first   rbacv1.PolicyRule // of that role
}

// Owner returns the account that the provider works as in tests, unless they say
// otherwise: it has an Actor's rights, in every Namespace of a test, and no others.
func Owner(t testing.TB) Account {
	t.Helper()
	Kubeconfig(t)
	o, err := theOwner()
	if err != nil {
		t.Fatalf("making the account that the provider works as: %s", err)
	}
	return o.Account
}

// theOwner makes the account, once in a test run. Packages whose tests run at
// the same time share it.
var theOwner = sync.OnceValues(func() (*owner, error) {
	ctx := context.Background()
	cluster, err := connect()
	if err != nil {
		return nil, err
	}
	roles, err := ExampleRoles(acting.file)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, role := range []string{acting.inNamespace, acting.onCluster} {
		if roles[role] == nil {
			return nil, fmt.Errorf("%s has no ClusterRole %s", acting.file, role)
		}
		if names[role], err = cluster.install(ctx, roles[role]); err != nil {
			return nil, err
		}
	}
	// Another version of the roles has another account, so that no rights of
	// the one before are left.
	o := &owner{role: names[acting.inNamespace], first: roles[acting.inNamespace].Rules[0]}
	o.account = fmt.Sprintf("owner-%x", sha256.Sum256([]byte(names[acting.inNamespace]+names[acting.onCluster])))[:14]
	o.cluster = cluster
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
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: names[acting.onCluster]},
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
		for _, attributes := range o.granted(namespace) {
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

// granted returns something that the owner may do in a namespace, and something
// that it may do everywhere.
func (o *owner) granted(namespace string) []authorizationv1.ResourceAttributes {
	rule := o.first
	return []authorizationv1.ResourceAttributes{
		{Namespace: namespace, Verb: rule.Verbs[0], Group: rule.APIGroups[0], Resource: rule.Resources[0]},
		{Verb: "get", Resource: "namespaces", Name: metav1.NamespaceSystem},
	}
}

func ignoreExists(err error) error {
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}
