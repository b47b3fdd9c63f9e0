package traffic

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// A probe that fails says what it was answered at last, also where the end of its
// time cuts off one more request.
func TestProbeSaysTheLastAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		answers int32 // before there are none
		says    string
	}{
		"answered, and then no more": {1, "the answer's status is 404"},
		"never answered":             {0, "no answer came"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1) > test.answers {
					<-r.Context().Done()
					return
				}
				w.WriteHeader(http.StatusNotFound)
			}))
			t.Cleanup(gateway.Close)
			change := &transition{
				config: &configuration{
					Model: &Model{VersionHeader: types.StringValue("x-version")},
					probe: &Probe{URL: types.StringValue(gateway.URL), Status: types.Int64Value(http.StatusOK), Timeout: types.StringValue("1s")},
				},
				want: targets{{share: share{percent: 100}, version: "v1"}},
			}
			err := change.prove(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want that %s", err, test.says)
			}
			if got := asked.Load(); got <= test.answers {
				t.Errorf("it was asked %d times", got)
			}
		})
	}
}
