package kube

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// A container that starts again and again: where the kubelet has removed the run
// that was asked for, the newest one's log is told, asked for once more where it is
// removed as well, and left out where it stays so.
func TestExplainPodFindsTheLog(t *testing.T) {
	t.Parallel()
	const (
		removed = "unable to retrieve container logs for containerd://98675028"
		said    = "the database is not there\n"
	)
	for name, test := range map[string]struct {
		previous, newest []string // the answers to each request; the last one of all further ones
		want             string
	}{
		"there":            {[]string{said}, []string{"starting\n"}, "The last lines of container web:\n    the database is not there"},
		"ended again":      {[]string{removed}, []string{said}, "The last lines of container web:\n    the database is not there"},
		"ended again late": {[]string{removed, said}, []string{removed}, "The last lines of container web:\n    the database is not there"},
		"never":            {[]string{removed}, []string{removed}, ""},
		"nothing said":     {[]string{""}, []string{""}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := map[string]int{}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/pods/web-1/log") {
					http.NotFound(w, r)
					return
				}
				previous := r.URL.Query().Get("previous")
				answers := map[string][]string{"true": test.previous, "false": test.newest}[previous]
				_, _ = io.WriteString(w, answers[min(asked[previous], len(answers)-1)])
				asked[previous]++
			}))
			t.Cleanup(server.Close)
			c, err := Open(&rest.Config{Host: server.URL}, "")
			if err != nil {
				t.Fatal(err)
			}
			var facts []string
			c.ExplainPod(t.Context(), &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-1"},
				Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
					Name:                 "web",
					State:                corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
					LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1}},
				}}},
			}, func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) })
			got := ""
			for _, fact := range facts {
				if strings.HasPrefix(fact, "The last lines") {
					got = fact
				}
			}
			if got != test.want {
				t.Errorf("got %q of the requests %v, want %q", got, asked, test.want)
			}
		})
	}
}
