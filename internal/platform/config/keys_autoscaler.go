package config

import (
	autoscaler "knative.dev/serving/pkg/autoscaler/config"
)

var autoscalerSection = &section{
	attribute: "autoscaler",
	configMap: autoscaler.ConfigName,
	about:     "How revisions scale where they don't say it themselves, in the ConfigMap config-autoscaler.",
	parse:     func(data map[string]string) (any, error) { return autoscaler.NewConfigFromMap(data) },
	content: typedKeys{
		{"activator-capacity", "Requests at a time that one activator takes, at least 1; it says how many activators a revision gets.", "100", number()},
		{"allow-zero-initial-scale", "Whether a revision may begin with no pod at all.", "false", boolean()},
		{"container-concurrency-target-default", "Requests at a time that each pod should have on average, of revisions that set no limit and scale by concurrency.", "100", number()},
		{"container-concurrency-target-percentage", "How much of that target, or of the limit that a revision sets, the autoscaler aims at, in percent above 1.", "70", targetPercentage()},
		{"enable-scale-to-zero", "Whether revisions scale to zero.", "true", boolean()},
		{"initial-scale", "Pods that a new revision begins with; 0 needs `allow_zero_initial_scale`.", "1", integer()},
		{"max-scale", "The most pods of a revision; 0 is no limit.", "0", integer()},
		{"max-scale-down-rate", "By what factor the number of pods may shrink within 2 seconds; above 1.", "2", number()},
		{"max-scale-limit", "The largest `max_scale` that revisions may ask for; 0 is no limit. With a limit, `max_scale` must be set.", "0", integer()},
		{"max-scale-up-rate", "By what factor the number of pods may grow within 2 seconds; above 1.", "1000", number()},
		{"min-scale", "The fewest pods of a revision.", "0", integer()},
		{"panic-threshold-percentage", "The load at which the autoscaler looks at the panic window alone, in percent of the target.", "200", number()},
		{"panic-window-percentage", "Length of the panic window, in percent of the stable window, from 1 to 100.", "10", number()},
		{"pod-autoscaler-class", "Autoscaler of revisions that name none, such as `hpa.autoscaling.knative.dev`.", "kpa.autoscaling.knative.dev", text(class())},
		{"requests-per-second-target-default", "Requests per second that each pod should have, of revisions that scale by them.", "200", number()},
		{"scale-down-delay", "How long the load must have been lower before pods go, in whole seconds.", "0s", duration()},
		{"scale-to-zero-grace-period", "How long a revision's last pod may wait until the network leads to the activator; above 0.", "30s", duration()},
		{"scale-to-zero-pod-retention-period", "How long the last pod at least stays after the decision to scale to zero.", "0s", duration()},
		{"stable-window", "Time over which the load is averaged, from 6s to 1h in whole seconds.", "60s", duration()},
		{"target-burst-capacity", "Requests at a time beyond the load that a revision should be able to take; with less to spare, the activator stays in the path. 0 has it there at scale zero only, -1 always.", "211", number()},
	},
}
