package main

import (
	"context"
	"errors"
	"io"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
)

func status(ctx context.Context, root layout.Root, w io.Writer) error { return errors.New("TODO") }
func smoke(ctx context.Context, root layout.Root, o options, w io.Writer) error {
	return errors.New("TODO")
}
