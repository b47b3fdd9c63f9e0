package domain_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// told is what the test image tells of itself and of the request. What is empty
// is not compared.
type told struct {
	Version, Greeting, Path, Host string
	ForwardedHost                 string
	Headers                       map[string]string
}

// answers checks that an address answers through the gateway, as told.
func answers(t testing.TB, address string, want told, headers ...string) func(*terraform.State) error {
	return func(*terraform.State) error {
		acctest.GetUntil(t, address, func(answer acctest.Answer) error { return tells(answer, want) }, headers...)
		return nil
	}
}

func tells(answer acctest.Answer, want told) error {
	var got struct {
		Version, Greeting, Path, Host string
		Headers                       http.Header
	}
	if err := json.Unmarshal([]byte(answer.Body), &got); err != nil {
		return err
	}
	for _, compared := range [][2]string{
		{got.Version, want.Version},
		{got.Greeting, want.Greeting},
		{got.Path, want.Path},
		{got.Host, want.Host},
		{got.Headers.Get("X-Forwarded-Host"), want.ForwardedHost},
	} {
		if compared[1] != "" && compared[0] != compared[1] {
			return fmt.Errorf("it tells %q, want %q", compared[0], compared[1])
		}
	}
	for name, value := range want.Headers {
		if got.Headers.Get(name) != value {
			return fmt.Errorf("it got the header %s %q, want %q", name, got.Headers.Get(name), value)
		}
	}
	return nil
}

// answersNot waits until the gateway knows nothing of an address.
func answersNot(t testing.TB, address string) {
	t.Helper()
	acctest.GetUntil(t, address, func(answer acctest.Answer) error {
		if answer.Status != http.StatusNotFound {
			return fmt.Errorf("the status is not %d", http.StatusNotFound)
		}
		return nil
	})
}
