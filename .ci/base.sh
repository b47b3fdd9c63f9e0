# Paths, messages and checks: sourced by lib.sh and by tool.
# shellcheck shell=bash disable=SC2034 # its variables are used by those who source it

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Whatever is built or remembered between runs lives here, never in the checkout.
export SLS_CACHE=${SLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-sls} # also where the sandbox keeps what it builds
cache=$SLS_CACHE
terraform=${TERRAFORM:-terraform}

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

# terraform_version prints the version of the Terraform that is used.
terraform_version() { TF_CLI_CONFIG_FILE=/dev/null "$terraform" version | sed -n '1s/^[^0-9]*\([0-9][0-9.]*\).*/\1/p'; }

# registry_host prints the public registry of the engine that is used: a provider that names no host is looked for there.
registry_host() {
  case $(TF_CLI_CONFIG_FILE=/dev/null "$terraform" version) in
    OpenTofu*) echo registry.opentofu.org ;;
    *) echo registry.terraform.io ;;
  esac
}

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
        version=$(terraform_version)
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
