package main

import (
	"maps"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
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

// Little that is in use is collected late; much, as Go does.
func TestCollectLate(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
	// What is set is read without setting it: that would undo what is set meanwhile.
	set := func() (int, int64) {
		samples := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
		metrics.Read(samples)
		return int(int64(samples[0].Value.Uint64())), int64(samples[1].Value.Uint64()) // negative: never
	}
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})

	collectLate(lookupIn(map[string]string{"GOGC": "50"}))
	if percent, limit := set(); percent != 100 || limit != math.MaxInt64 {
		t.Errorf("with GOGC, it is collected at %d %% and %d bytes", percent, limit)
	}

	collectLate(lookupIn(nil))
	for range 3 {
		runtime.GC()
		if percent, limit := set(); percent != -1 || limit != enough {
			t.Errorf("little is collected at %d %% and %d bytes", percent, limit)
		}
	}

	much := make([]byte, enough)
	for end := time.Now().Add(10 * time.Second); ; {
		runtime.GC()
		percent, limit := set()
		if percent == 100 && limit == math.MaxInt64 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("much is collected at %d %% and %d bytes", percent, limit)
		}
	}
	runtime.KeepAlive(much)
}
