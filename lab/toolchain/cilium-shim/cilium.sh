#!/bin/sh
# Simulates the Cilium CLI where there is none: `cilium install --dry-run` and `cilium version --client`, with the
# bytes, the error text and the exit code of cilium-cli v0.19.7, rendered by Helm 4.2.x. It never talks to a cluster.
# A launcher that lab/toolchain/index.ts writes sets three variables: METAL_HELM (path of helm), METAL_CILIUM_CHARTS
# (a folder of cilium-<version> chart folders) and METAL_CILIUM_VERSION (the chart version without --version).
set -eu

cli_version=v0.19.7

fail() { # the CLI's own form: an empty line first, nothing on stdout, exit code 1
  printf '\nError: %s\n' "$1" >&2
  exit 1
}

# True when the values file $2 sets key $1 at its top level, in block style (also quoted) or as one flow mapping (JSON).
sets_top_level() {
  awk -v key="$1" '
    function bare(t) { gsub(/^[ \t\n]+|[ \t\n]+$/, "", t); gsub(/^["'\'']|["'\'']$/, "", t); return t }
    function flow(text,   i, c, depth, quote, token) {
      for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (quote != "") {
          if (c == "\\" && quote == "\"") { token = token c; i++; c = substr(text, i, 1) }
          else if (c == quote) quote = ""
          if (depth == 1) token = token c
        }
        else if (c == "\"" || c == "'\''") { quote = c; if (depth == 1) token = token c }
        else if (c == "{" || c == "[") { depth++; token = "" }
        else if (c == "}" || c == "]") depth--
        else if (depth == 1 && c == ",") token = ""
        else if (depth == 1 && c == ":") { if (bare(token) == key) return 1; token = "" }
        else if (depth == 1) token = token c
      }
      return 0
    }
    !started && /^[ \t]*(#|---|%|$)/ { next }
    !started { started = 1; is_flow = /^[ \t]*\{/ }
    is_flow { text = text $0 "\n"; next }
    { split($0, part, ":"); if (index($0, ":") && $0 !~ /^[ \t]/ && bare(part[1]) == key) { found = 1; exit } }
    END { if (is_flow) found = flow(text); exit !found }
  ' "$2"
}

version() {
  echo "cilium-cli: $cli_version simulated by helm on $(uname -s | tr '[:upper:]' '[:lower:]')"
  echo "cilium image (default): v$METAL_CILIUM_VERSION"
  echo "cilium image (stable): unknown"
}

# Helm's stderr in $1, as the CLI words it: without Helm's prefixes on the first line, naming the files that the caller named.
fail_like_cli() {
  { printf '\nError: Unable to install Cilium: '; sed -e '1s/^Error: \(INSTALLATION FAILED: \)\{0,1\}//' -f "$scratch/names" "$1"; } >&2
  exit 1
}

# The CLI reads each values file twice: first to look for routingMode, then to render. A pipe is empty the second time.
take_values() {
  count=$((count + 1))
  [ -e "$1" ] || fail "Unable to install Cilium: open $1: no such file or directory"
  cat -- "$1" >"$scratch/first-$count.yaml" 2>/dev/null || fail "Unable to install Cilium: open $1: no such device or address"
  cat -- "$1" >"$scratch/user-$count.yaml"
  printf 's|%s|%s|g\n' "$scratch/user-$count.yaml" "$1" >>"$scratch/names"
}

install() {
  namespace=kube-system release=cilium chart='' version=$METAL_CILIUM_VERSION dry_run='' count=0
  scratch=$(mktemp -d)
  : >"$scratch/names"
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  while [ $# -gt 0 ]; do
    flag=$1
    shift
    case $flag in
      --dry-run | --dry-run=true) dry_run=yes; continue ;;
      --*=*) value=${flag#*=} flag=${flag%%=*} ;;
      --version | --chart-directory | --values | --namespace | --helm-release-name | -f | -n)
        [ $# -gt 0 ] || fail "flag needs an argument: $flag"
        value=$1
        shift ;;
      -*) fail "unknown flag: $flag" ;;
      *) fail "unknown command \"$flag\" for \"cilium install\"" ;;
    esac
    case $flag in
      --version) version=${value#v} ;;
      --chart-directory) chart=$value ;;
      --namespace | -n) namespace=$value ;;
      --helm-release-name) release=$value ;;
      # the CLI does not open "-" and reports nothing: the render then has none of the user's values
      --values | -f) [ "$value" = - ] || take_values "$value" ;;
      *) fail "unknown flag: $flag" ;;
    esac
  done
  [ -n "$dry_run" ] || fail "this cilium only renders: add --dry-run, or put the Cilium CLI on PATH to install"
  render
}

render() {
  if [ -z "$chart" ]; then
    chart=$METAL_CILIUM_CHARTS/cilium-$version
    [ -d "$chart" ] || fail "Unable to install Cilium: looks like \"https://helm.cilium.io\" is not a valid chart repository or cannot be reached: no chart \"$version\" here, only$(cd "$METAL_CILIUM_CHARTS" && printf ' %s' *)"
  fi
  [ -f "$chart/Chart.yaml" ] || fail "Unable to install Cilium: unable to detect chart at $chart/Chart.yaml: no such file or directory"
  printf 'operator: {replicas: 1}\n' >"$scratch/defaults.yaml"
  routed=''
  for file in "$scratch"/first-*.yaml; do
    if [ -f "$file" ] && sets_top_level routingMode "$file"; then routed=yes; fi
  done
  [ -n "$routed" ] || printf 'routingMode: tunnel\ntunnelProtocol: vxlan\n' >>"$scratch/defaults.yaml"
  set -- -f "$scratch/defaults.yaml"
  n=1
  while [ $n -le $count ]; do
    set -- "$@" -f "$scratch/user-$n.yaml"
    n=$((n + 1))
  done
  # no environment of the caller's: a kubeconfig or Helm setting must not reach the render
  env -i PATH="$PATH" HOME="$scratch" KUBECONFIG=/dev/null "$METAL_HELM" install "$release" "$chart" -n "$namespace" \
    --dry-run=client --hide-notes "$@" >"$scratch/out" 2>"$scratch/err" || fail_like_cli "$scratch/err"
  # Helm prints a summary, the hooks and then "MANIFEST:"; the CLI prints only what follows
  sed '1,/^MANIFEST:$/d' "$scratch/out"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  install) install "$@" ;;
  version) version ;;
  *) fail "unknown command \"$command\" for \"cilium\"" ;;
esac
