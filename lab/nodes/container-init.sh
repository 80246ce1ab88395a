#!/bin/sh
# The first process of a container: it builds the container's root in its new mount namespace and becomes the command. The root is
# the node's /usr with the files of the image over it, in memory; mounts are lines "SOURCE TARGET ro|rw".
# usage: container-init.sh ROOT IMAGE MOUNTS COMMAND...
set -eu
root=$1 image=$2 mounts=$3
shift 3
. "$(dirname "$0")/file-system.sh"

mkdir -p "$root"
mount -t tmpfs -o mode=755 container "$root"
cd "$root"
mkdir -p usr etc var/log run tmp root proc sys dev opt host .old .layers/usr .layers/bpf .layers/work .layers/work-bpf
link_folders
mount -t overlay -o "lowerdir=$image/usr:/usr,upperdir=$root/.layers/usr,workdir=$root/.layers/work" overlay usr
cp -a /etc/. etc/
[ ! -d "$image/opt" ] || cp -a "$image/opt/." opt/
for script in "$image"/*.sh; do
  [ ! -e "$script" ] || cp -a "$script" .
done
if [ -d "$image/var/lib/cilium/bpf" ]; then
  mkdir -p var/lib/cilium/bpf
  # The agent writes headers into its sources.
  mount -t overlay -o "lowerdir=$image/var/lib/cilium/bpf,upperdir=$root/.layers/bpf,workdir=$root/.layers/work-bpf" bpf var/lib/cilium/bpf
fi
mount --rbind /dev dev
mount_proc
mount_sys
while read -r source target mode; do
  if [ -d "$source" ]; then
    mkdir -p "./$target"
  elif [ ! -e "$source" ]; then
    echo "$source is not on the node" >&2
    exit 1
  else
    mkdir -p "./$(dirname "$target")"
    [ -e "./$target" ] || : >"./$target"
  fi
  mount --rbind "$source" "./$target"
  [ "$mode" = rw ] || mount -o remount,bind,ro "./$target"
done <"$mounts"

enter_root
exec "$@"
