#!/bin/sh
# The first process of a node: it builds the node's own root file system in its new namespaces, prints "ready" and stays.
# What the programs of a node can write lies in memory and ends with it; of the machine they see /usr, read-only, and six devices.
# Programs that want to harm the machine are not held off: they are its root, who may mount what is read-only again.
# usage: node-init.sh NAME ROOT PROGRAMS BPF
set -eu
name=$1 root=$2 programs=$3 bpf=$4
. "$(dirname "$0")/file-system.sh"

mount --make-rprivate /
echo "$name" >/proc/sys/kernel/hostname
mount -t tmpfs -o mode=755 "node-$name" "$root"
cd "$root"
mkdir -p usr etc/cni/net.d etc/config var/lib/cilium/bpf var/log run tmp root proc sys dev host/proc opt/cni/bin opt/node .old .bpf/upper .bpf/work
link_folders

mount --bind /usr usr
mount -o remount,bind,ro usr
for file in passwd group nsswitch.conf protocols services alternatives ld.so.cache ld.so.conf ld.so.conf.d iproute2 ssl; do
  [ ! -e "/etc/$file" ] || cp -a "/etc/$file" etc/
done
printf '127.0.0.1 localhost\n::1 localhost\n' >etc/hosts
: >etc/resolv.conf
mount --bind "$programs" opt/node
# The agent writes headers into its sources.
[ -z "$bpf" ] || mount -t overlay -o "lowerdir=$bpf,upperdir=$root/.bpf/upper,workdir=$root/.bpf/work" bpf var/lib/cilium/bpf

mount -t tmpfs run run
mkdir -p run/netns run/lock run/containers run/cilium/cgroupv2 run/secrets/kubernetes.io/serviceaccount
mount -t tmpfs netns run/netns
mount --make-shared run/netns
mount -t tmpfs tmp tmp
mount_devices
mount_proc
mount --rbind proc host/proc
mount_sys
mount -t bpf bpf sys/fs/bpf
# Of the node's own cgroup namespace: attached to the machine's root, socket programs would act on every process.
mount -t cgroup2 none run/cilium/cgroupv2

enter_root
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
echo ready
exec sleep infinity
