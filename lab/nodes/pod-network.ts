import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { list, text, type KubernetesObject } from "../../model/kubernetes/object";
import { noNetwork } from "../workload/node-objects";
import type { LabNode } from "./node";

const configurationFolder = "/etc/cni/net.d";
/** Where images have the plugins: their `bin_dir` of containerd. */
const pluginFolders = ["/opt/cni/bin", "/var/lib/cni/bin"];

/** What a container runtime reports until a plugin has left its configuration. */
const noNetworkYet = `network is not ready: ${noNetwork}`;

/** The first configuration of a node's pod network, as container runtimes choose it; undefined while there is none. */
export function networkConfiguration(node: LabNode): unknown {
  const folder = node.file(configurationFolder);
  const [first] = fs
    .readdirSync(folder)
    .filter((name) => /\.(conf|conflist|json)$/.test(name))
    .sort();
  if (first === undefined) return undefined;
  return JSON.parse(fs.readFileSync(node.file(path.join(configurationFolder, first)), "utf8"));
}

/** The name of a pod's network namespace on its node. */
function namespaceOf({ metadata }: KubernetesObject): string {
  return `pod-${metadata.uid ?? ""}`;
}

/** Makes the pod's network namespace and calls the node's plugin; the pod's addresses. Throws with the plugin's words. */
export async function attachPod(node: LabNode, pod: KubernetesObject): Promise<readonly string[]> {
  const name = namespaceOf(pod);
  if (!fs.existsSync(node.file(`/run/netns/${name}`))) {
    node.run("ip", "netns", "add", name);
    node.run("ip", "netns", "exec", name, "ip", "link", "set", "lo", "up");
  }
  const result = JSON.parse(await callPlugin(node, pod, "ADD")) as unknown;
  return list(result, "ips").map((entry) => (text(entry, "address") ?? "").split("/")[0] ?? "");
}

/** The command that runs another one on a pod's network, with the lab's files. */
export function podNetworkCommand(
  node: LabNode,
  pod: KubernetesObject,
  argv: readonly string[],
): readonly string[] {
  return node.onNetwork(node.file(`/run/netns/${namespaceOf(pod)}`), argv);
}

/** Takes the pod's network away. */
export async function detachPod(node: LabNode, pod: KubernetesObject): Promise<void> {
  await callPlugin(node, pod, "DEL");
  node.run("ip", "netns", "delete", namespaceOf(pod));
}

async function callPlugin(node: LabNode, pod: KubernetesObject, command: "ADD" | "DEL"): Promise<string> {
  const configuration = networkConfiguration(node);
  if (configuration === undefined) throw new Error(noNetworkYet);
  const [plugin] = list(configuration, "plugins");
  const type = text(plugin, "type") ?? "";
  const program = pluginFolders
    .map((folder) => path.join(folder, type))
    .find((file) => fs.existsSync(node.file(file)));
  if (program === undefined)
    throw new Error(`failed to find plugin "${type}" in path [${pluginFolders.join(" ")}]`);
  const { name, namespace, uid } = pod.metadata;
  const container = (uid ?? "").replaceAll("-", "").padEnd(64, "0");
  const environment = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: container,
    CNI_NETNS: `/run/netns/${namespaceOf(pod)}`,
    CNI_IFNAME: "eth0",
    CNI_PATH: pluginFolders.join(":"),
    CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAMESPACE=${namespace ?? ""};K8S_POD_NAME=${name};K8S_POD_INFRA_CONTAINER_ID=${container};K8S_POD_UID=${uid ?? ""}`,
  };
  const input = {
    cniVersion: text(configuration, "cniVersion"),
    name: text(configuration, "name"),
    ...(plugin as object),
  };
  const [first = "", ...args] = node.entering([program], environment);
  return new Promise((resolve, reject) => {
    const child = spawn(first, args, { stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(output);
      else
        reject(
          new Error(`plugin type="${type}" failed (${command.toLowerCase()}): ${output.trim().slice(-600)}`),
        );
    });
    child.stdin.end(JSON.stringify(input));
  });
}
