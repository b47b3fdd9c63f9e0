package domain

import (
	"context"
	"errors"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// notIssued says that the certificate was not issued in time.
type notIssued struct {
	message string
	cause   error
}

func (e *notIssued) Error() string { return e.message }

func (e *notIssued) Unwrap() error { return e.cause }

// errCertificateGone says that somebody deleted the Certificate meanwhile.
var errCertificateGone = errors.New("the Certificate was deleted by somebody else meanwhile")

// await waits until the certificate is issued, if there is one to wait for.
func await(ctx context.Context, cluster *kube.Cluster, want *desired) error {
	wanted := want.certificate()
	if wanted == nil {
		return nil
	}
	follow, err := cluster.Follow(ctx, certificates, wanted.GetNamespace(), wanted.GetName())
	if err != nil {
		return err
	}
	defer follow.Close()
	live, err := cluster.Find(ctx, certificates, wanted.GetNamespace(), wanted.GetName())
	if err != nil {
		return err
	}
	last := "The Certificate does not exist."
	_, err = follow.Await(ctx, live, func(object *kube.Object) (bool, time.Duration, error) {
		if object == nil {
			return false, 0, errCertificateGone
		}
		last = issuing(object)
		return last == "", 0, nil
	})
	if err != nil && ctx.Err() != nil {
		return &notIssued{last, ctx.Err()}
	}
	return err
}
