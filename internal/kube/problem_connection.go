package kube

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// diagnoseConnection explains settings that lead to no connection.
func diagnoseConnection(err error) (Problem, bool) {
	var (
		setting    *SettingError
		entry      *EntryError
		file       *FileError
		credential *CredentialError
	)
	switch {
	case errors.Is(err, ErrUnknownConnection):
		return Problem{
			Summary: "the cluster is not known yet",
			Detail: paragraphs(err.Error(), "Its settings are known after apply only, and this needs the cluster before. "+
				"Make the cluster first (its own configuration, or apply with -target), or give settings that are known"),
		}, true
	case errors.Is(err, ErrNotConfigured):
		return Problem{
			Summary: "no cluster is configured",
			Detail: paragraphs("Neither the configuration nor a KUBE_… variable names a cluster, and this is no pod of one",
				"Set config_path (or KUBE_CONFIG_PATH) to a kubeconfig file, such as \"~/.kube/config\", or set host and a credential. "+
					"KUBECONFIG and ~/.kube/config are not read unasked, so that nothing is deployed to a cluster by accident"),
		}, true
	case errors.As(err, &setting):
		return Problem{
			Summary: fmt.Sprintf("%s cannot be used", setting.Setting),
			Detail:  diagnoseSetting(setting),
		}, true
	case errors.As(err, &entry):
		return Problem{
			Summary: fmt.Sprintf("the kubeconfig has no such %s", entry.Kind),
			Detail:  diagnoseEntry(entry),
		}, true
	case errors.As(err, &file):
		return diagnoseFile(file), true
	case errors.As(err, &credential):
		return Problem{
			Summary: "the program for the credential failed",
			Detail: paragraphs(fmt.Sprintf("%s gave no credential: %s", credential.Command, credential.Err),
				"Run it by hand with the same arguments and environment, and log in to your provider again if it asks for that"),
		}, true
	}
	return Problem{}, false
}

func diagnoseSetting(e *SettingError) string {
	what := fmt.Sprintf("%s: %s", e.Setting, e.Err)
	if e.Origin != e.Setting {
		what = fmt.Sprintf("%s, set by the environment variable %s: %s", e.Setting, e.Origin, e.Err)
	}
	switch {
	case errors.Is(e.Err, errNoPEM), e.Setting == "client_certificate":
		return paragraphs(what, "It must be PEM text (-----BEGIN …-----). What a kubeconfig or a cloud's API holds is base64 of that: use base64decode(…)")
	case e.Setting == "host":
		return paragraphs(what, "Write it as https://name:port")
	}
	return paragraphs(what, "Change or unset it")
}

func diagnoseEntry(e *EntryError) string {
	files := strings.Join(e.Paths, ", ")
	what := fmt.Sprintf("There is no %s %q in %s", e.Kind, e.Name, files)
	if e.Name == "" {
		what = fmt.Sprintf("%s has no current context, and none is chosen", files)
	}
	if len(e.Available) == 0 {
		return paragraphs(what, fmt.Sprintf("It has no %ss at all: is it the right file?", e.Kind))
	}
	return paragraphs(what, fmt.Sprintf("Set %s to one of those it has: %s", e.Origin, strings.Join(e.Available, ", ")))
}

func diagnoseFile(e *FileError) Problem {
	subject := "the kubeconfig"
	if len(e.Paths) == 0 {
		subject = e.Origin
	}
	what := e.Error()
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		return Problem{"a file is missing", paragraphs(what, "Correct the path; a relative one begins at the directory that Terraform runs in")}
	case errors.Is(e.Err, fs.ErrPermission):
		return Problem{"a file cannot be read", paragraphs(what, "Allow the user that runs Terraform to read it")}
	}
	return Problem{subject + " cannot be used", paragraphs(what, "Try it with kubectl, and correct what is wrong")}
}
