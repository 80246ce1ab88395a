import { list, text, type KubernetesObject } from "../../model/kubernetes/object";
import { isAgent, isOperator } from "../workload/node-objects";
import { folderOfImage } from "./image";

/** What a container of the chart starts: each word as it is, or a script that begins with `sh -ec` or `bash -ec`. */
type Command = readonly string[] | { readonly script: string };

/**
 * The containers of Cilium's own chart that the lab runs, by name, with their commands (`cilium/templates/cilium-agent/daemonset.yaml`
 * and `cilium-operator/deployment.yaml` of the chart 1.18 to 1.20). Containers run as root of this machine, so that no others are
 * run, whatever a stack file, its Helm values or its own chart names.
 */
const agentContainers: Readonly<Record<string, Command>> = {
  config: ["cilium-dbg", "build-config"],
  "mount-cgroup": {
    script: `cp /usr/bin/cilium-mount /hostbin/cilium-mount;
nsenter --cgroup=/hostproc/1/ns/cgroup --mount=/hostproc/1/ns/mnt "\${BIN_PATH}/cilium-mount" $CGROUP_ROOT;
rm /hostbin/cilium-mount
`,
  },
  "apply-sysctl-overwrites": {
    script: `cp /usr/bin/cilium-sysctlfix /hostbin/cilium-sysctlfix;
nsenter --mount=/hostproc/1/ns/mnt "\${BIN_PATH}/cilium-sysctlfix";
rm /hostbin/cilium-sysctlfix
`,
  },
  "mount-bpf-fs": [
    ...["/bin/bash", "-c", "--"],
    'mount | grep "/sys/fs/bpf type bpf" || mount -t bpf bpf /sys/fs/bpf',
  ],
  "clean-cilium-state": ["/init-container.sh"],
  "install-cni-binaries": ["/install-plugin.sh"],
  "cilium-agent": ["cilium-agent"],
};

const operatorContainers: Readonly<Record<string, Command>> = {
  "cilium-operator": ["cilium-operator-generic"],
};

/** Programs of Cilium, whose arguments are settings; of all others the whole command has to be the chart's. */
const takingSettings = ["cilium-agent", "cilium-operator-generic", "cilium-dbg"];

/** The folder of the image with which the lab runs a container; undefined where it does not run it. */
export function imageOfChartContainer(pod: KubernetesObject, container: unknown): string | undefined {
  const known = isAgent(pod) ? agentContainers : isOperator(pod) ? operatorContainers : {};
  const name = text(container, "name") ?? "";
  const command = Object.hasOwn(known, name) ? known[name] : undefined;
  if (command === undefined || !isCommand(container, command)) return undefined;
  return folderOfImage(text(container, "image") ?? "");
}

function isCommand(container: unknown, command: Command): boolean {
  const given = [...list(container, "command"), ...list(container, "args")].map(String);
  if ("script" in command) {
    const [shell = "", flags, script, ...others] = given;
    return /^(ba)?sh$/.test(shell) && flags === "-ec" && script === command.script && others.length === 0;
  }
  const isWhole = given.length === command.length || takingSettings.includes(command[0] ?? "");
  return isWhole && command.every((word, i) => word === given[i]);
}

/** Variables by which a shell or a loader runs something other than the command. */
const startsOthers = /^(BASH_.*|ENV|LD_.*|PATH|SHELLOPTS|IFS|PS4|GLIBC_TUNABLES|GCONV_PATH)$/;

/** The environment of a container without what would run something other than its command. */
export function withoutLoaders(
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !startsOthers.test(name)));
}
