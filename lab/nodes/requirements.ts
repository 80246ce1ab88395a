import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { cgroupRoot } from "./cgroup";

/** What agents compile their datapath with, and where Debian's package puts it. */
export const clangFile = "/usr/lib/llvm-19/bin/clang";

/** What nodes with real agents need of the machine and what is not there, each with the remedy; empty where all is. */
export function missingForAgents(): readonly string[] {
  const command = (name: string) => spawnSync(name, ["--version"]).error === undefined;
  const root = process.getuid?.() === 0;
  return [
    ...(process.platform === "linux" ? [] : ["Linux: the nodes are kernel namespaces"]),
    ...(root ? [] : ["root: a user namespace may not load BPF programs; run with sudo"]),
    ...(root && !mounts("bpf") ? ["the BPF file system: give the container CAP_SYS_ADMIN and CAP_BPF"] : []),
    ...(cgroupRoot() === undefined
      ? ["a cgroup2 file system: mount -t cgroup2 none /sys/fs/cgroup/unified"]
      : []),
    ...(fs.existsSync(clangFile) ? [] : ["clang 19: apt-get install clang-19"]),
    ...(command("iptables") ? [] : ["iptables: apt-get install iptables"]),
    ...(command("ipset") ? [] : ["ipset: apt-get install ipset"]),
    ...(command("ip") ? [] : ["ip: apt-get install iproute2"]),
  ];
}

function mounts(type: string): boolean {
  const script = `t=$(mktemp -d) && mount -t ${type} none "$t"; code=$?; umount "$t" 2>/dev/null; rmdir "$t"; exit $code`;
  return spawnSync("unshare", ["--mount", "sh", "-c", script]).status === 0;
}

/** Parts of the kernel that some settings of the agent need. */
export type KernelFeature = keyof typeof links | "default_qdisc";

const links = {
  geneve: ["type", "geneve", "external"],
  vxlan: ["type", "vxlan", "external", "dstport", "8472"],
  wireguard: ["type", "wireguard"],
  ipip: ["type", "ipip", "external"],
  netkit: ["type", "netkit"],
} as const;

/**
 * Those that this kernel has not, tried in a network namespace of its own. The queueing discipline by default is a setting of the
 * machine, which no namespace shows: without it the agent disables its bandwidth manager and goes on.
 */
export function missingKernelFeatures(): ReadonlySet<KernelFeature> {
  const works = (...command: readonly string[]) => spawnSync("unshare", ["--net", ...command]).status === 0;
  return new Set([
    ...(Object.keys(links) as (keyof typeof links)[]).filter(
      (name) => !works("ip", "link", "add", "probe0", ...links[name]),
    ),
    ...(works("cat", "/proc/sys/net/core/default_qdisc") ? [] : (["default_qdisc"] as const)),
  ]);
}
