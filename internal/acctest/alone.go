package acctest

import (
	"os"
	"testing"
)

// OwnsCluster reports whether the tests' cluster is one test's alone, with which it may do
// what it likes: make testacc-alone.
func OwnsCluster() bool { return os.Getenv("SLS_OWN_CLUSTER") != "" }

// StopProgram ends a program of such a cluster, such as its API server.
func StopProgram(t testing.TB, program string) {
	t.Helper()
	sandbox(t, "stop", "--name", ownCluster(t), program)
}

// StartPrograms starts those of its programs that don't run.
func StartPrograms(t testing.TB) {
	t.Helper()
	sandbox(t, "up", "--name", ownCluster(t), "--index", variable(t, "SLS_OWN_INDEX", "it is what the cluster's addresses are made from"), "--bare")
}

func ownCluster(t testing.TB) string {
	t.Helper()
	return variable(t, "SLS_OWN_CLUSTER", "the tests' cluster is not one test's alone")
}
