#!/usr/bin/env bash
# The steps of a release, for a pipeline or for a person; each can be run again.
#
#   release.sh deploy VERSION   beside the version that serves: testers get it, and nobody else
#   release.sh share PERCENT    that many of the users get it
#   release.sh verify           ask it, as a tester does, and fail when it does not answer well
#   release.sh promote          everybody gets it
#   release.sh rollback         nobody gets it: the version that served before serves alone
#
# What serves and what is being released is in Terraform's state, so that a step needs to know nothing of the one before.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/terraform"
terraform=${TERRAFORM:-terraform}

# output prints an output of the state, or nothing where there is none yet.
output() { [[ $("$terraform" output -json) == '{}' ]] || "$terraform" output -no-color -raw "$1"; }

# releasing fails unless a release is under way.
releasing() {
  next=$(output next)
  [[ -n $next ]] || { echo "No release is under way. Begin one with: release.sh deploy VERSION" >&2; exit 1; }
}

apply() { "$terraform" apply -input=false -auto-approve "$@"; }

stable=$(output stable)
case ${1:-} in
  deploy)
    version=${2:?release.sh deploy VERSION}
    case $stable in
      '') apply -var "stable=$version" ;; # the first version there is serves at once
      "$version") echo "$version serves already." ;;
      *) apply -var "stable=$stable" -var "next=$version" -var percent=0 ;;
    esac
    ;;
  share)
    releasing
    apply -var "stable=$stable" -var "next=$next" -var "percent=${2:?release.sh share PERCENT}"
    ;;
  verify)
    releasing
    url=$(output url)
    # GATEWAY is for a host whose name leads elsewhere yet: the address of the gateway, with its port.
    if [[ -n ${GATEWAY:-} ]]; then set -- --connect-to "::$GATEWAY"; else set --; fi
    for i in $(seq "${REQUESTS:-20}"); do
      answer=$(curl --silent --show-error --max-time 10 --output /dev/null --write-out '%{http_code} %header{x-version}' -H 'x-tester: yes' "$@" "$url${VERIFY_PATH:-/}") || true
      [[ $answer == "200 $next" ]] || { echo "Request $i to $url${VERIFY_PATH:-/} was answered by: ${answer:-nobody}. Wanted: 200 $next" >&2; exit 1; }
    done
    echo "$next answered ${REQUESTS:-20} of ${REQUESTS:-20} requests."
    ;;
  promote)
    releasing
    apply -var "stable=$next"
    ;;
  rollback)
    releasing
    apply -var "stable=$stable"
    ;;
  *)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' ../release.sh
    exit 2
    ;;
esac
