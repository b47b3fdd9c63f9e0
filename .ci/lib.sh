# Sourced by the scripts of this folder and by examples/quickstart/demo.sh.
# shellcheck shell=bash disable=SC2034 # its variables are used by those who source it

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Whatever is built or remembered between runs lives here, never in the checkout.
export SLS_CACHE=${SLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-sls} # also where the sandbox keeps what it builds
cache=$SLS_CACHE
terraform=${TERRAFORM:-terraform}

# A cluster that the caller's shell happens to point at (KUBECONFIG, KUBE_CONFIG_PATH, KUBE_HOST,
# KUBERNETES_SERVICE_HOST, …) is never meant: only SLS_KUBECONFIG names one on purpose.
for variable in "${!KUBE@}"; do unset "$variable"; done

# The caller's settings for Terraform (workspace, arguments, variables, …) are not for the runs that are started here.
for variable in "${!TF_@}"; do [[ $variable == TF_LOG* || $variable == TF_ACC* ]] || unset "$variable"; done
export CHECKPOINT_DISABLE=1 # no questions to its maker about newer versions

# As releases are built. What is common to all steps makes one compilation of the dependencies serve them all.
export CGO_ENABLED=0

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

# step says what happens next.
step() { printf '\n%s==> %s%s\n' "$bold" "$*" "$plain"; }

# die ends the script with what went wrong and, in the further arguments, what to do about it.
die() {
  printf '\nError: %s\n' "$1" >&2
  shift
  (($# == 0)) || printf '  %s\n' "$@" >&2
  exit 1
}

# at_least reports whether version $1 is $2 or newer.
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# need checks that the machine has the named programs, in versions that do.
need() {
  local program version
  for program in "$@"; do
    case $program in
      go)
        command -v go >/dev/null || die 'Go is missing.' 'Install Go 1.26 or newer: https://go.dev/doc/install'
        version=$(go env GOVERSION)
        at_least "${version#go}" 1.26 || die "Go is too old: ${version#go}, at least 1.26 is needed." 'https://go.dev/doc/install'
        ;;
      terraform)
        command -v "$terraform" >/dev/null || die "Terraform is missing ($terraform)." \
          'Install Terraform 1.11 or newer: https://developer.hashicorp.com/terraform/install' \
          'or name one that is not in PATH: TERRAFORM=/path/to/terraform'
        version=$(TF_CLI_CONFIG_FILE=/dev/null "$terraform" version | sed -n '1s/^[^0-9]*\([0-9][0-9.]*\).*/\1/p')
        at_least "$version" 1.11 || die "Terraform is too old: $version, at least 1.11 is needed." \
          'https://developer.hashicorp.com/terraform/install'
        ;;
      cc)
        command -v cc >/dev/null || die 'A C compiler is missing (the race detector needs one).' 'On Debian or Ubuntu: apt-get install gcc libc6-dev'
        ;;
      *)
        command -v "$program" >/dev/null || die "$program is missing." "Install it, on Debian or Ubuntu: apt-get install $program"
        ;;
    esac
  done
}

# digest prints a short key for what it reads.
digest() { git hash-object --stdin | cut -c 1-16; }

# counting shows how far a 'go build -v' is, from its standard error: one line that changes on a
# terminal, a line now and then elsewhere. What is not progress is passed on.
counting() {
  local line downloaded=0 compiled=0
  while IFS= read -r line; do
    case $line in
      'go: downloading '*) downloaded=$((downloaded + 1)) ;;
      *' '* | '') printf '%s\n' "$line"; continue ;;
      *) compiled=$((compiled + 1)) ;;
    esac
    if [[ -t 2 ]]; then
      printf '\r\e[K    %d modules downloaded, %d packages compiled, %d s' "$downloaded" "$compiled" "$SECONDS" >&2
    elif (((downloaded + compiled) % 250 == 0)); then
      printf '    %d modules downloaded, %d packages compiled, %d s\n' "$downloaded" "$compiled" "$SECONDS" >&2
    fi
  done
  if [[ -t 2 ]]; then printf '\r\e[K' >&2; fi
}

# The provider as `make install` leaves it: a registry's folder, and the configuration that points there.
mirror=$cache/mirror
cli_config=$cache/terraform.rc

# gotest NAME FORMAT ARGUMENT… runs go test; where SLS_TEST_RESULTS names a folder, the events go to NAME.json there.
gotest() {
  local name=$1 format=$2
  "$root/.ci/tool" gotestsum --format "$format" ${SLS_TEST_RESULTS:+--jsonfile "$SLS_TEST_RESULTS/$name.json"} -- "${@:3}"
}

sandbox() { go -C "$root/internal/sandbox" run . "$@"; }
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
  # On a running sandbox this takes a second, and mends what has died.
  step "The sandbox (building it the first time takes some minutes)"
  sandbox up || die 'The sandbox did not come up.' 'The step and its log are above. Run the same command again: it goes on where it stopped.' \
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
