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

// A container that starts again and again: its log is asked for once more where
// the kubelet has removed the run that was asked for, and left out where it stays
// so.
func TestExplainPodFindsTheLog(t *testing.T) {
	t.Parallel()
	const removed = "unable to retrieve container logs for containerd://98675028"
	for name, test := range map[string]struct {
		answers []string // of each request; the last one of all further ones
		want    string
	}{
		"there":        {[]string{"the database is not there\n"}, "The last lines of container web:\n    the database is not there"},
		"a run later":  {[]string{removed, "the database is not there\n"}, "The last lines of container web:\n    the database is not there"},
		"never":        {[]string{removed}, ""},
		"nothing said": {[]string{""}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/pods/web-1/log") {
					http.NotFound(w, r)
					return
				}
				if r.URL.Query().Get("previous") != "true" {
					t.Errorf("asked for %s", r.URL)
				}
				_, _ = io.WriteString(w, test.answers[min(asked, len(test.answers)-1)])
				asked++
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
				t.Errorf("got %q of %d requests, want %q", got, asked, test.want)
			}
		})
	}
}
