package main

import (
	"maps"
	"testing"
)

func lookupIn(environment map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	}
}

func TestQuietSDK(t *testing.T) {
	for name, test := range map[string]struct {
		environment map[string]string
		quiet       bool
	}{
		"nothing set":                {nil, true},
		"set to nothing":             {map[string]string{"TF_LOG": ""}, true},
		"switched off":               {map[string]string{"TF_LOG": "OFF"}, true},
		"Terraform alone":            {map[string]string{"TF_LOG_CORE": "trace", "TF_LOG_PATH": "log"}, true},
		"another provider":           {map[string]string{"TF_LOG_PROVIDER_AWS": "trace"}, true},
		"all":                        {map[string]string{"TF_LOG": "json"}, false},
		"providers":                  {map[string]string{"TF_LOG_PROVIDER": "debug"}, false},
		"this provider":              {map[string]string{"TF_LOG_PROVIDER_SLS": "debug"}, false},
		"the SDK":                    {map[string]string{"TF_LOG_SDK": "trace"}, false},
		"part of the SDK":            {map[string]string{"TF_LOG_SDK_PROTO": "trace"}, false},
		"another part":               {map[string]string{"TF_LOG_SDK_FRAMEWORK": "trace"}, false},
		"all, without the SDK's":     {map[string]string{"TF_LOG": "debug", "TF_LOG_SDK": "off"}, false},
		"the SDK's off, and no more": {map[string]string{"TF_LOG_SDK": "off"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			set := map[string]string{}
			err := quietSDK(lookupIn(test.environment), func(name, value string) error {
				set[name] = value
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			if test.quiet {
				want["TF_LOG_SDK"] = "off"
			}
			if !maps.Equal(set, want) {
				t.Errorf("sets %v, want %v", set, want)
			}
		})
	}
}
