package application

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// probeAttributes are the three probes. ports says which port is asked when
// none is given.
func probeAttributes(ports string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"startup_probe":   probeAttribute("Tells when the container has started; the other probes begin then. One of `http_get`, `tcp_socket`, `grpc` and `exec` asks; of the application's own container, `port` must be given here.", 1),
		"liveness_probe":  probeAttribute("Restarts the container when it fails. One of `http_get`, `tcp_socket`, `grpc` and `exec` asks; "+ports, 1),
		"readiness_probe": probeAttribute("Tells whether the container can take requests. One of `http_get`, `tcp_socket`, `grpc` and `exec` asks; "+ports, maxInt32),
	}
}

func probeAttribute(description string, mostSuccesses int64) schema.Attribute {
	seconds := func(description string, least int64) schema.Attribute {
		return schema.Int64Attribute{
			Optional: true, Description: description,
			Validators: []validator.Int64{int64validator.Between(least, maxInt32)},
		}
	}
	port := schema.Int64Attribute{
		Optional:    true,
		Description: "The port.",
		Validators:  []validator.Int64{int64validator.Between(1, 65535)},
	}
	host := schema.StringAttribute{
		Optional:    true,
		Description: "The host to ask, in place of the pod.",
		Validators:  []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: description,
		Attributes: map[string]schema.Attribute{
			"http_get": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "Asks by HTTP; a status from 200 to 399 is a success.",
				Attributes: map[string]schema.Attribute{
					"path": schema.StringAttribute{
						Optional:    true,
						Description: "The path; Kubernetes' default is `/`.",
						Validators:  []validator.String{validate.URLPath()},
					},
					"port": port,
					"host": host,
					"scheme": schema.StringAttribute{
						Optional:    true,
						Description: "`HTTP`, Kubernetes' default, or `HTTPS`.",
						Validators:  []validator.String{stringvalidator.OneOf("HTTP", "HTTPS")},
					},
					"headers": schema.MapAttribute{
						ElementType: types.StringType,
						Optional:    true,
						Description: "Headers of the request.",
						Validators:  []validator.Map{mapvalidator.KeysAre(validate.HeaderName()), mapvalidator.NoNullValues()},
					},
				},
			},
			"tcp_socket": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "Opens a connection, which is a success.",
				Attributes:  map[string]schema.Attribute{"port": port, "host": host},
			},
			"grpc": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "Asks by gRPC's health protocol.",
				Attributes: map[string]schema.Attribute{
					"port":    port,
					"service": textAttribute("The service to ask for."),
				},
			},
			"exec": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "Runs a command in the container; exit code 0 is a success.",
				Attributes: map[string]schema.Attribute{
					"command": schema.ListAttribute{
						ElementType: types.StringType,
						Required:    true,
						Description: "The program and its arguments. There is no shell unless it is named.",
						Validators:  []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues()},
					},
				},
			},
			"initial_delay_seconds": seconds("Seconds from the container's start to the first time; Kubernetes' default is 0.", 0),
			"period_seconds":        seconds("Seconds between two times. Kubernetes' default is 10; a readiness probe without it is asked by Knative itself, much more often while the pod starts.", 1),
			"timeout_seconds":       seconds("Seconds after which no answer is a failure; Kubernetes' default is 1. A readiness probe has it only with `period_seconds`.", 1),
			"success_threshold": schema.Int64Attribute{
				Optional:    true,
				Description: "Successes in a row after which a failed container counts as well again; 1 by default, and always for startup and liveness.",
				Validators:  []validator.Int64{int64validator.Between(1, mostSuccesses)},
			},
			"failure_threshold": seconds("Failures in a row after which the container counts as failed; Kubernetes' default is 3. A readiness probe has it only with `period_seconds`.", 1),
		},
	}
}
