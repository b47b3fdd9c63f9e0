package kube

import (
	"net/http"

	"k8s.io/client-go/pkg/apis/clientauthentication"
	"k8s.io/client-go/plugin/pkg/client/auth/exec"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/transport"
)

// tryCredentialPlugin runs the program that provides the credential, if there
// is one, and returns a *CredentialError when it fails.
//
// client-go reports a failure of the program as the text of a failed request.
// It also keeps one authenticator for each configuration in the process, so
// what is fetched here is what the first request uses: nothing runs twice.
func tryCredentialPlugin(config *rest.Config) error {
	if config.ExecProvider == nil {
		return nil
	}
	failed := func(err error) error {
		return &CredentialError{Command: config.ExecProvider.Command, Err: err}
	}

	var cluster *clientauthentication.Cluster
	if config.ExecProvider.ProvideClusterInfo {
		var err error
		if cluster, err = rest.ConfigToExecCluster(config); err != nil {
			return failed(err)
		}
	}
	authenticator, err := exec.GetAuthenticator(config.ExecProvider, cluster)
	if err != nil {
		return failed(err)
	}
	wiring := &transport.Config{}
	if err := authenticator.UpdateTransportConfig(wiring); err != nil {
		return failed(err)
	}
	// The transport below never sends: the credential goes nowhere.
	request, err := http.NewRequest(http.MethodGet, "https://localhost", nil)
	if err != nil {
		return failed(err)
	}
	response, err := wiring.WrapTransport(noTransport{}).RoundTrip(request)
	if err != nil {
		return failed(err)
	}
	return response.Body.Close()
}

// noTransport answers every request itself.
type noTransport struct{}

func (noTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: request}, nil
}
