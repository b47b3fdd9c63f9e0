package config

import (
	"context"

	"k8s.io/api/core/v1"
	"knative.dev/serving/pkg/gc"
)

// disabled switches a limit off.
const disabled = "disabled"

var gcSection = &section{
	attribute: "gc",
	configMap: gc.ConfigName,
	about: "Which old revisions Knative deletes, in the ConfigMap config-gc. Those that a route uses are never deleted; " +
		"of the others, those that are old by both times and beyond the fewest to keep, and all beyond the most. " +
		"What one may still want to roll back to must outlive them: see `revision_history_limit` of `sls_application`.",
	parse: func(data map[string]string) (any, error) {
		return gc.NewConfigFromConfigMapFunc(context.Background())(&v1.ConfigMap{Data: data})
	},
	content: typedKeys{
		{"max-non-active-revisions", "The most revisions of an application to keep that no route uses, or `disabled` for no limit.", "1000", integerOr(disabled)},
		{"min-non-active-revisions", "The fewest of them to keep.", "20", integer()},
		{"retain-since-create-time", "How long after its creation a revision stays in any case, or `disabled` for not at all.", "48h", durationOr(disabled)},
		{"retain-since-last-active-time", "How long a revision stays in any case after a route has used it, or `disabled` for not at all.", "15h", durationOr(disabled)},
	},
}
