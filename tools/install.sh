#!/usr/bin/env bash
# Installs programs of tools.sha256, each only when its archive has the checksum that stands there:
#   install.sh FOLDER NAME...      commands into FOLDER, provider plugins into $PULUMI_HOME (~/.pulumi)
#   install.sh --checksum NAME     downloads the archive and prints its checksum
set -euo pipefail
table="$(dirname "${BASH_SOURCE[0]}")/tools.sha256"
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

fail() {
  echo "error: $*" >&2
  exit 1
}

# Sets checksum, version and address of a program.
look_up() {
  local row
  row=$(grep -v '^#' "$table" | awk -v name="$1" '$2 == name') || true
  [ -n "$row" ] || fail "tools/tools.sha256 has no program \"$1\""
  read -r checksum _ version address <<< "$row"
  [[ "$address" == https://*"$version"* ]] || fail "tools/tools.sha256: the address of $1 is not one of $version"
}

download() {
  curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 --retry 3 --output "$temporary/archive" "$1"
}

if [ "${1:-}" = --checksum ]; then
  look_up "${2:?name a program}"
  download "$address"
  sha256sum "$temporary/archive" | cut -d ' ' -f 1
  exit
fi

folder=${1:?name a folder}
shift
mkdir -p "$folder"
for name in "$@"; do
  look_up "$name"
  [[ "$checksum" =~ ^[0-9a-f]{64}$ ]] ||
    fail "tools/tools.sha256 has no checksum of $name $version; its first lines describe how to fill it in"
  download "$address"
  echo "$checksum  $temporary/archive" | sha256sum --check --strict --quiet - ||
    fail "$address does not have the checksum of tools/tools.sha256"
  case "$name" in
    pulumi-resource-*)
      plugin="${PULUMI_HOME:-$HOME/.pulumi}/plugins/${name#pulumi-}-$version"
      mkdir -p "$plugin"
      tar --extract --gzip --no-same-owner --file "$temporary/archive" --directory "$plugin"
      ;;
    pulumi) tar --extract --gzip --no-same-owner --strip-components=1 --file "$temporary/archive" --directory "$folder" ;;
    node)
      mkdir -p "$folder/node-$version"
      tar --extract --xz --no-same-owner --strip-components=1 --file "$temporary/archive" --directory "$folder/node-$version"
      ln -sf "node-$version/bin/node" "node-$version/bin/npm" "node-$version/bin/npx" "$folder/"
      ;;
    *) tar --extract --gzip --no-same-owner --file "$temporary/archive" --directory "$folder" "$name" ;;
  esac
  echo "$name $version"
done
