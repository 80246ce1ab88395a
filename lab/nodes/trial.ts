import fs from "node:fs";
import path from "node:path";
import { KubernetesApi } from "../../ops/kubernetes/api";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { type PlaneSite, startApiServer, startEtcd, writeManagementKeys } from "../management/api-server";
import { prepareLoopback } from "../namespace/network";
import { createAuthority } from "../processes/pki";
import { Processes } from "../processes/processes";
import { definitionsFor, registerDefinitions } from "../simulated/cilium/definitions";
import { Store } from "../simulated/store";
import type { Toolchain } from "../toolchain";
import type { CiliumVersion } from "../toolchain/tools";
import { type CiliumProgram, outcomeOf, startCilium, type StartOutcome } from "./cilium-start";
import { agentPrograms } from "./image";
import { LabNode } from "./node";
import { clangFile } from "./requirements";
import { Segment } from "./segment";
import { accountToken } from "./volumes";

/** capi-1's endpoint and node network, and a second family for settings that enable it. */
const endpoint = { host: "10.250.250.29", port: 6443 };
const segmentAddresses = ["10.250.250.1/24", `${endpoint.host}/32`, "fd00:10:250::1/64"];
const nodeAddresses = ["10.250.250.20/24", "fd00:10:250::20/64"];
const eno1 = {
  name: "eno1",
  addresses: nodeAddresses,
  routes: [
    { to: "0.0.0.0/0", via: "10.250.250.1" },
    { to: "::/0", via: "fd00:10:250::1" },
  ],
};
const podCIDRs = ["10.244.9.0/24", "fd00:10:244:9::/64"];

/** An agent that accepts its settings compiles its datapath, for which a busy machine takes its time. */
const limitSeconds = 90;

/** The tools and data folders that trials of one version need. */
export function trialTools(version: CiliumVersion) {
  return [
    "etcd",
    "kube-apiserver",
    ...Object.values(agentPrograms(version)),
    `cilium-crds-${version}`,
    `cilium-bpf-${version}`,
  ] as const;
}

/**
 * Starts programs of one Cilium version on a node of their own, one after the other, against a real API server with
 * Cilium's CRDs: what they accept and refuse is seen on them. For the inside of a network namespace.
 */
export class CiliumTrial {
  private count = 0;

  private constructor(
    private readonly directory: string,
    private readonly version: CiliumVersion,
    private readonly tools: Toolchain,
    private readonly processes: Processes,
    private readonly segment: Segment,
    private readonly api: KubernetesApi,
    private readonly authority: string,
    private readonly programs: string,
  ) {}

  /** Starts the API server, registers the CRDs and creates the accounts with the rights of the rendered `objects`. */
  static async start(
    directory: string,
    version: CiliumVersion,
    tools: Toolchain,
    objects: readonly KubernetesObject[],
  ): Promise<CiliumTrial> {
    prepareLoopback([]);
    const segment = Segment.create("br0", segmentAddresses);
    const processes = new Processes(path.join(directory, "logs"));
    const authority = await createAuthority("lab-trial");
    const site: PlaneSite = { directory, processes, tools, authority, server: endpoint };
    const [kubeconfigFile] = await Promise.all([writeManagementKeys(site), startEtcd(site)]);
    await startApiServer(site);
    const api = await KubernetesApi.open(fs.readFileSync(kubeconfigFile, "utf8"));
    const store = new Store(api, new AbortController().signal);
    await registerDefinitions(store, definitionsFor(`cilium:v${version}`, tools), true);
    for (const object of accountKinds.flatMap((kind) => objects.filter((each) => each.kind === kind))) {
      const type = await api.discover(object.apiVersion, object.kind);
      if (type !== undefined) await api.apply(type, object, { fieldManager: "lab", force: true });
    }
    const programs = programFolder(path.join(directory, "programs"), version, tools);
    return new CiliumTrial(directory, version, tools, processes, segment, api, authority.cert, programs);
  }

  /** Starts a program with the data of a cilium-config on a new node, and cuts the node's power when it is known how it went. */
  async attempt(program: CiliumProgram, settings: Readonly<Record<string, string>>): Promise<StartOutcome> {
    const name = `node-${++this.count}`;
    const directory = path.join(this.directory, name);
    const spec = {
      name,
      directory,
      programs: this.programs,
      bpf: this.tools.folder(`cilium-bpf-${this.version}`),
    };
    const node = await LabNode.start(spec, this.processes);
    try {
      this.segment.plug(node, eno1, `p-${name}`);
      await this.register(name);
      const account = program === "cilium-agent" ? "cilium" : "cilium-operator";
      const access = {
        ...endpoint,
        token: await accountToken(this.api, "kube-system", account),
        authority: this.authority,
      };
      const log = path.join(directory, `${program}.log`);
      const start = { node, program, settings, access, log };
      return await outcomeOf(startCilium(start), start, limitSeconds);
    } finally {
      await node.stop();
      await this.forget(name);
    }
  }

  /** Ends the API server. */
  async stop(): Promise<void> {
    await this.processes.killAll();
    this.api.close();
  }

  private async register(name: string): Promise<void> {
    const metadata = { name, labels: { "kubernetes.io/hostname": name } };
    const node = { apiVersion: "v1", kind: "Node", metadata, spec: { podCIDR: podCIDRs[0], podCIDRs } };
    await this.api.create(resources.Node, node);
    const addresses = [
      ...nodeAddresses.map((address) => ({ type: "InternalIP", address: address.split("/")[0] })),
      { type: "Hostname", address: name },
    ];
    await this.api.mergePatch(resources.Node, name, undefined, { status: { addresses } }, "status");
  }

  /** The next agent must not take this node for another one of its cluster. */
  private async forget(name: string): Promise<void> {
    await this.api.delete(resources.Node, name);
    await this.api.delete(resources.CiliumNode, name);
  }
}

const accountKinds = [
  "Namespace",
  "ServiceAccount",
  "ClusterRole",
  "ClusterRoleBinding",
  "Role",
  "RoleBinding",
];

/** The programs under the names by which they are called: also by the agent, which starts the compiler and the responder. */
function programFolder(folder: string, version: CiliumVersion, tools: Toolchain): string {
  fs.mkdirSync(folder, { recursive: true });
  // This folder is all that a node sees of the cache; the compiler is below /usr.
  for (const [name, tool] of Object.entries(agentPrograms(version)))
    fs.copyFileSync(tools.tool(tool), path.join(folder, name));
  fs.symlinkSync(clangFile, path.join(folder, "clang"));
  return folder;
}
