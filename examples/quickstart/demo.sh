#!/usr/bin/env bash
# make demo: a platform boots, Terraform deploys an application on it, real requests are answered, a new
# version rolls out, and the next plan is empty. Then examples/gray-release: a version goes to a few users
# first, to all, and back. It can be interrupted and run again at any point.
#
# On a cluster of yours: SLS_KUBECONFIG names it, SLS_GATEWAY its ingress (http://address:port), and
# SLS_IMAGE_HELLO_V1 and _V2 two versions of an image that it can pull.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR/../../.ci source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../.ci/lib.sh"
need go git terraform curl

own_cluster=${SLS_KUBECONFIG:-}
if [[ -n $own_cluster ]]; then
  for variable in SLS_GATEWAY SLS_IMAGE_HELLO_V1 SLS_IMAGE_HELLO_V2; do
    [[ -n ${!variable:-} ]] || die "With SLS_KUBECONFIG (a cluster of yours) the demo needs $variable, too." \
      'SLS_GATEWAY         the ingress, for example http://203.0.113.7' \
      'SLS_IMAGE_HELLO_V1  an image that answers HTTP on the port that PORT names, and' \
      'SLS_IMAGE_HELLO_V2  its next version; the cluster must be able to pull both'
  done
fi

steps=8 number=0 doing='getting ready'
begin() {
  doing=$*
  number=$((number + 1))
  step "[$number/$steps] $doing"
}

ended() {
  local status=$?
  ((status != 0)) || return 0
  printf '\nThe demo stopped while: %s.\n' "$doing" >&2
  printf '  Run it again: it finds its way from whatever is there.\n' >&2
  [[ -n $own_cluster ]] || printf '  From scratch:  make sandbox-down, then make demo\n' >&2
}
trap ended EXIT
trap 'exit 130' INT TERM

begin 'a cluster with Knative and Istio'
cluster

begin 'the provider, where terraform init finds it'
"$root/.ci/install"
export TF_CLI_CONFIG_FILE=$cli_config

# Terraform works on a copy of the example in the cache: no state and no lock file come into the checkout.
# One folder for each kubeconfig, so that the state of one cluster is never taken for another's.
work=$cache/demo/$(digest <<<"$SLS_KUBECONFIG")
mkdir -p "$work"
rm -rf "$work"/*.tf "$work/.terraform" "$work/.terraform.lock.hcl" # the provider may be a new build
cp "$root"/examples/quickstart/*.tf "$work/"
export TF_IN_AUTOMATION=1 TF_INPUT=0
[[ -t 1 ]] || export TF_CLI_ARGS=-no-color

tf() { "$terraform" -chdir="$work" "$@"; }

# configure sets the example's variables, also for whoever goes on by hand in the folder.
configure() {
  cat >"$work/terraform.tfvars" <<EOF
kubeconfig  = "$SLS_KUBECONFIG"
app_version = "$1"
image       = "$2"
EOF
}

# ask sends a request through the gateway and shows what the application answers.
ask() {
  local url host answer
  url=$(tf output -raw url)
  host=${url#*://}
  [[ $host != *.svc.cluster.local ]] || die "The application has no address outside the cluster, only $host." \
    "Give the cluster a domain: the ConfigMap config-domain in knative-serving."
  request="curl -H 'Host: $host' $SLS_GATEWAY"
  echo "    $request"
  answer=$(curl -sS --fail-with-body --max-time 60 -H "Host: $host" "$SLS_GATEWAY") || die "No answer: $request" "$answer"
  ((${#answer} <= 300)) || answer="${answer:0:300}…"
  echo "    | ${answer//$'\n'/$'\n'    | }"
  # The sandbox's own images tell the revision that they run as.
  [[ -n $own_cluster || $answer == *"$revision"* ]] || die "The answer is not that of revision $revision."
}

begin 'version 1: terraform apply'
tf init -no-color >"$work/init.log" 2>&1 || die 'terraform init failed.' "$(<"$work/init.log")"
configure 1.0.0 "$SLS_IMAGE_HELLO_V1"
if [[ -n $(tf state list 2>/dev/null) ]]; then
  echo '    An earlier demo left its application: it goes first.'
  tf destroy -auto-approve >"$work/destroy.log" 2>&1 || die 'terraform destroy failed.' "$(<"$work/destroy.log")"
fi
tf apply -auto-approve
revision=$(tf output -raw revision)

begin 'a request through the gateway'
ask
first_revision=$revision

begin 'version 2: terraform apply rolls out a new revision'
configure 2.0.0 "$SLS_IMAGE_HELLO_V2"
tf apply -auto-approve
revision=$(tf output -raw revision)
[[ $revision != "$first_revision" ]] || die "The revision is still $revision."

begin 'the same request'
ask

begin 'the next plan is empty'
tf plan -detailed-exitcode || {
  (($? != 2)) || die 'The plan is not empty: the provider and the cluster disagree.'
  die 'terraform plan failed.'
}

begin 'a gray release: examples/gray-release, step by step'
quickstart=$work quickstart_revision=$revision
work=$quickstart/gray/examples/gray-release
rm -rf "$quickstart/gray/modules"
mkdir -p "$work" "$quickstart/gray/modules"
rm -rf "$work"/*.tf "$work"/*.tfvars "$work/.terraform" "$work/.terraform.lock.hcl"
cp "$root"/examples/gray-release/*.tf* "$work/"
cp -R "$root/modules/application" "$quickstart/gray/modules/"
cat >"$work/demo.auto.tfvars" <<EOF
kubeconfig = "$SLS_KUBECONFIG"
images     = { "1.0.0" = "$SLS_IMAGE_HELLO_V1", "2.0.0" = "$SLS_IMAGE_HELLO_V2" }
EOF
tf init -no-color >"$work/init.log" 2>&1 || die 'terraform init failed.' "$(<"$work/init.log")"

# visitors sends requests of new users, and counts the versions that answered.
visitors() {
  local host=$1 count=$2
  shift 2
  for ((i = 0; i < count; i++)); do
    curl -sS -o /dev/null --max-time 60 -w '%{http_code} %header{x-version}\n' -H "Host: $host" "$@" "$SLS_GATEWAY"
  done | sort | uniq -c | awk '{ printf "%s%d × %s", sep, $1, ($2 == 200 ? $3 : "HTTP " $2); sep = ", " } END { print "" }'
}

for file in "$work"/[1-9]-*.tfvars; do
  name=$(basename "$file" .tfvars)
  printf '\n    %s\n' "$(sed -n '1s/^# //p' "$file")"
  tf apply -auto-approve -var-file "$file" >"$work/$name.log" 2>&1 || die "Step $name failed." "$(<"$work/$name.log")"
  host=$(tf output -raw url)
  host=${host#*://}
  echo "    40 new users:               $(visitors "$host" 40)"
  echo "    … who send x-preview: yes:  $(visitors "$host" 10 -H 'x-preview: yes')"
done
tf plan -detailed-exitcode -var-file "$file" >"$work/plan.log" 2>&1 || die 'The plan after the gray release is not empty.' "$(<"$work/plan.log")"
work=$quickstart revision=$quickstart_revision

cat <<EOF

${bold}It works.${plain} $revision took over from $first_revision.

What to try next:
  cd $work
  export TF_CLI_CONFIG_FILE=$cli_config
  terraform show                      # the application as Terraform knows it
  \$EDITOR main.tf; terraform apply    # add env = {…} or scaling = {…}: see docs/resources/application.md
  terraform destroy                   # remove the application
  $request
EOF
if [[ -z $own_cluster ]]; then
  cat <<EOF
From the checkout:
  eval "\$(go -C internal/sandbox run . env)"   # KUBECONFIG and the rest, for kubectl
  make sandbox-down                           # end the cluster
EOF
fi
