package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
)

// logVariables are the variables by which a user asks
// Terraform or a provider for logs. TF_LOG_CORE and TF_LOG_PATH are not among
// them: the first is about Terraform alone, the second needs one of the others.
var logVariables = []string{"TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_SLS", "TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"}

// quietSDK switches the plugin SDK's own loggers off when the user asked for no
// logs. They would write trace lines all the same, which Terraform parses and
// drops: that doubles the processor time of a plan of a thousand applications.
func quietSDK(lookup func(string) (string, bool), setenv func(name, value string) error) error {
	for _, name := range logVariables {
		if value, ok := lookup(name); ok && value != "" && !strings.EqualFold(value, "off") {
			return nil
		}
	}
	return setenv("TF_LOG_SDK", "off")
}

// enough is how much memory the provider may take before it collects garbage: of
// what it makes to plan one resource, nobody needs much a moment later.
const enough = 100 << 20

// collectLate has garbage collected when there is enough of it, until half of that
// is in use: from then on, Go decides by itself. Who sets Go's own variables has the
// last word.
func collectLate(lookup func(string) (string, bool)) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if _, set := lookup(name); set {
			return
		}
	}
	percent, limit := debug.SetGCPercent(-1), debug.SetMemoryLimit(enough)
	afterEachCollection(func() (again bool) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if live[0].Value.Uint64() < enough/2 {
			return true
		}
		// It would be collected all the time, to stay below the limit.
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
		return false
	})
}

// afterEachCollection calls f whenever garbage was collected, as long as it returns
// true.
func afterEachCollection(f func() (again bool)) {
	type garbage struct{ _ *byte } // without a pointer, it might share its memory with what lives on
	runtime.AddCleanup(&garbage{}, func(f func() bool) {
		if f() {
			afterEachCollection(f)
		}
	}, f)
}
