package kube

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

func TestWarningsAreTheNewestFirst(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC) }
	events := corev1.EventList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "EventList"}, Items: []corev1.Event{
		{Reason: "Old", LastTimestamp: metav1.NewTime(at(1))},
		{Reason: "Unhealthy", Message: "probe", LastTimestamp: metav1.NewTime(at(2))},
		{Reason: "FailedScheduling", EventTime: metav1.NewMicroTime(at(3))}, // as the scheduler writes them
		{Reason: "Again", EventTime: metav1.NewMicroTime(at(0)), Series: &corev1.EventSeries{LastObservedTime: metav1.NewMicroTime(at(5))}},
		{Reason: "Unhealthy", Message: "probe", LastTimestamp: metav1.NewTime(at(4))},
		{Reason: "Unhealthy", Message: "another probe", LastTimestamp: metav1.NewTime(at(0))},
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/namespaces/shop/events" ||
			r.URL.Query().Get("fieldSelector") != "involvedObject.uid=web-uid,type=Warning" {
			t.Errorf("asked for %s", r.URL)
		}
		answer(w, http.StatusOK, events)
	}))
	defer server.Close()
	c, err := Open(&rest.Config{Host: server.URL}, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Warnings(t.Context(), "shop", "web-uid")
	want := []Warning{{"Again", ""}, {"Unhealthy", "probe"}, {"FailedScheduling", ""}, {"Old", ""}, {"Unhealthy", "another probe"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}
