# Sourced by the scripts of this folder and by examples/quickstart/demo.sh.
# shellcheck shell=bash disable=SC2034 # its variables are used by those who source it
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/base.sh"

# A cluster that the caller's shell happens to point at (KUBECONFIG, KUBE_CONFIG_PATH, KUBE_HOST,
# KUBERNETES_SERVICE_HOST, …) is never meant: only SLS_KUBECONFIG names one on purpose.
for variable in "${!KUBE@}"; do unset "$variable"; done

# The caller's settings for Terraform (workspace, arguments, variables, …) are not for the runs that are started here.
for variable in "${!TF_@}"; do [[ $variable == TF_LOG* || $variable == TF_ACC* ]] || unset "$variable"; done
export CHECKPOINT_DISABLE=1 # no questions to its maker about newer versions

# As releases are built. What is common to all steps makes one compilation of the dependencies serve them all.
export CGO_ENABLED=0

# The provider as `make install` leaves it: a registry's folder, and the configuration that points there.
mirror=$cache/mirror
cli_config=$cache/terraform.rc

# What the page of benchmarks shows: one measurement a line.
published=$root/internal/acctest/bench/published.jsonl

# gotest NAME FORMAT ARGUMENT… runs go test; where SLS_TEST_RESULTS names a folder, the events go to NAME.json there.
gotest() {
  local name=$1 format=$2
  "$root/.ci/tool" gotestsum --format "$format" ${SLS_TEST_RESULTS:+--jsonfile "$SLS_TEST_RESULTS/$name.json"} -- "${@:3}"
}

sandbox() { "$root/.ci/sandbox" "$@"; }
sandbox_end=() # how to end what cluster booted; nothing where it booted nothing

# cluster makes SLS_KUBECONFIG and its companions known: the user's own cluster, or the sandbox, booted if it isn't up.
cluster() {
  local environment
  if [[ -n ${SLS_KUBECONFIG:-} ]]; then
    [[ -r $SLS_KUBECONFIG ]] || die "SLS_KUBECONFIG names a file that can't be read: $SLS_KUBECONFIG" \
      'Name a readable kubeconfig, or unset it to use the sandbox.'
    SLS_KUBECONFIG=$(cd "$(dirname "$SLS_KUBECONFIG")" && pwd)/$(basename "$SLS_KUBECONFIG")
    export SLS_KUBECONFIG
    step "Using your cluster: SLS_KUBECONFIG=$SLS_KUBECONFIG"
    return
  fi
  # The image registry is shared by all clusters: it ends with this one only if no other was there.
  if ! compgen -G "$cache/clusters/*" >/dev/null; then
    sandbox_end=(down --all)
  elif ! sandbox env >/dev/null 2>&1; then
    sandbox_end=(down)
  fi
  # On a running sandbox this takes some seconds, and mends what has died or drifted.
  step "The sandbox (building it the first time takes some minutes)"
  "$root/.ci/platform" || die 'The sandbox did not come up.' 'The step and its log are above. Run the same command again: it goes on where it stopped.' \
    'On a cluster of your own: SLS_KUBECONFIG=/path/to/kubeconfig'
  environment=$(sandbox env)
  eval "$environment"
  export SLS_KUBECONFIG=$KUBECONFIG
  unset KUBECONFIG
}

# end_sandbox ends what cluster booted: a sandbox that ran before is left running.
end_sandbox() {
  ((${#sandbox_end[@]} > 0)) || return 0
  step "Ending the sandbox"
  sandbox "${sandbox_end[@]}"
}
