package application

import (
	"maps"
	"slices"
	"testing"
)

// What Kubernetes would refuse of a pod, and Knative would tell of in an event
// alone, is refused at plan.
func TestPodsThatKubernetesRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ config, at string }{
		"more than its limit":                    {`{"resources": {"requests": {"cpu": "2", "memory": "1Gi"}, "limits": {"cpu": "1500m", "memory": "1Gi"}}}`, `resources.requests["cpu"]`},
		"a GPU without a limit":                  {`{"resources": {"requests": {"nvidia.com/gpu": "1"}}}`, `resources.requests["nvidia.com/gpu"]`},
		"a GPU with another limit":               {`{"resources": {"requests": {"nvidia.com/gpu": "1"}, "limits": {"nvidia.com/gpu": "2"}}}`, `resources.requests["nvidia.com/gpu"]`},
		"a GPU by its limit":                     {`{"resources": {"limits": {"nvidia.com/gpu": "2"}}}`, ""},
		"a GPU with its limit":                   {`{"resources": {"requests": {"nvidia.com/gpu": "2"}, "limits": {"nvidia.com/gpu": "2"}}}`, ""},
		"more than its limit in a sidecar":       {`{"sidecars": {"log": {"image": "a/b:1", "resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}}}}`, `sidecars["log"].resources.requests["memory"]`},
		"more than its limit before":             {`{"init_containers": [{"name": "i", "image": "a/b:1", "resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}}]}`, `init_containers[0].resources.requests["memory"]`},
		"more than its limit in the queue":       {`{"queue_proxy": {"resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}}}`, `queue_proxy.resources.requests["memory"]`},
		"a toleration of nothing":                {`{"tolerations": [{"operator": "Exists"}, {"value": "x"}]}`, `tolerations[1]`},
		"a toleration with too much":             {`{"tolerations": [{"key": "a", "operator": "Exists", "value": "x"}]}`, `tolerations[0].value`},
		"a toleration that ends nothing":         {`{"tolerations": [{"key": "a", "operator": "Exists", "effect": "NoSchedule", "toleration_seconds": 5}]}`, `tolerations[0].toleration_seconds`},
		"a startup probe by HTTP without a port": {`{"startup_probe": {"http_get": {"path": "/"}}}`, `startup_probe.http_get.port`},
		"a startup probe by TCP without a port":  {`{"startup_probe": {"tcp_socket": {}}}`, `startup_probe.tcp_socket.port`},
		"a startup probe by gRPC without a port": {`{"startup_probe": {"grpc": {}}}`, `startup_probe.grpc.port`},
		"a startup probe with its port":          {`{"startup_probe": {"tcp_socket": {"port": 8080}}}`, ""},
		"no name server":                         {`{"dns_policy": "None", "dns_config": {"searches": ["example.com"]}}`, `dns_policy`},
		"domains that are not wanted":            {`{"topology_spread": [{"topology_key": "zone", "max_skew": 1, "when_unsatisfiable": "ScheduleAnyway", "min_domains": 2}]}`, `topology_spread[0].min_domains`},
		"keys without a selector":                {`{"topology_spread": [{"topology_key": "zone", "max_skew": 1, "when_unsatisfiable": "ScheduleAnyway", "match_label_keys": ["a"]}]}`, `topology_spread[0].match_label_keys`},
		"spread twice": {
			`{"topology_spread": [{"topology_key": "zone", "max_skew": 1, "when_unsatisfiable": "ScheduleAnyway"}, {"topology_key": "zone", "max_skew": 2, "when_unsatisfiable": "ScheduleAnyway"}]}`,
			`topology_spread[1].topology_key`,
		},
		"spread in two ways": {
			`{"topology_spread": [{"topology_key": "zone", "max_skew": 1, "when_unsatisfiable": "ScheduleAnyway"}, {"topology_key": "zone", "max_skew": 2, "when_unsatisfiable": "DoNotSchedule"}]}`, "",
		},
		"in nothing": {
			`{"affinity": {"node_affinity": {"required": [{"match_expressions": [{"key": "a", "operator": "In"}]}]}}}`,
			`affinity.node_affinity.required[0].match_expressions[0]`,
		},
		"a field, in nothing": {
			`{"affinity": {"node_affinity": {"required": [{"match_fields": [{"key": "metadata.name", "operator": "In"}]}]}}}`,
			`affinity.node_affinity.required[0].match_fields[0]`,
		},
		"more than a word": {
			`{"affinity": {"node_affinity": {"preferred": [{"weight": 1, "match_expressions": [{"key": "a", "operator": "Gt", "values": ["x"]}]}]}}}`,
			`affinity.node_affinity.preferred[0].match_expressions[0]`,
		},
		"more than a number": {
			`{"affinity": {"node_affinity": {"preferred": [{"weight": 1, "match_expressions": [{"key": "a", "operator": "Gt", "values": ["1"]}]}]}}}`, "",
		},
		"there, and so": {
			`{"affinity": {"pod_anti_affinity": {"required": [{"topology_key": "zone", "label_selector": {"match_expressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]}}]}}}`,
			`affinity.pod_anti_affinity.required[0].label_selector.match_expressions[0].values`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, test.config)
			maps.Copy(d, document{"name": "shop", "namespace": "prod", "image": "registry.example.com/shop:1"})
			var places []string
			for _, refusal := range refused(t, d) {
				places = append(places, inHCL(refusal.Attribute))
			}
			if want := []string{test.at}; (test.at == "" && len(places) > 0) || (test.at != "" && !slices.Equal(places, want)) {
				t.Errorf("it is refused at %q, want %q", places, want)
			}
		})
	}
}
