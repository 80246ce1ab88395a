import type { LabContext } from "../../../context";
import { type BgpInputs, type NodeBgp, planNodes, selectedNodes } from "./plan-nodes";
import { nodeStatus } from "./session-state";
import { Speakers } from "./speakers";
import { isReady } from "../status";
import { type Condition, hasConditions, timestamp, withConditions } from "../../conditions";
import type { Store } from "../../store";
import type { WorkloadCluster } from "../../../workload/cluster";
import { type KubernetesObject, field, list, text } from "../../../../model/kubernetes/object";
import { resources as types } from "../../../../model/kubernetes/resources";

const followed = [
  types.CiliumBGPClusterConfig,
  types.CiliumBGPPeerConfig,
  types.CiliumBGPAdvertisement,
  types.CiliumBGPNodeConfig,
  types.CiliumBGPNodeConfigOverride,
  types.Service,
  types.Secret,
] as const;

const concerns = new Set([...followed.map((type) => type.kind as string), "CiliumNode", "Node", "Pod"]);

/** How often the speakers are queried, in seconds: Cilium's agents report every five. */
const everySeconds = { coming: 1.5, settled: 5 } as const;

/** Simulates Cilium's BGP control plane: the operator's node configurations, and a real speaker for each node's agent. */
export async function startBgp(context: LabContext, cluster: WorkloadCluster, store: Store): Promise<void> {
  await store.follow(followed);
  new BgpControlPlane(context, cluster, store).start();
}

class BgpControlPlane {
  private readonly speakers: Speakers;
  private timer: NodeJS.Timeout | undefined;
  private due = Infinity;
  private running: Promise<void> | undefined;
  private again = false;
  /** The agent's uid by node, as last seen. */
  private readonly agents = new Map<string, string | undefined>();
  /** Agents whose log is shown. */
  private readonly shown = new Set<string>();

  constructor(
    private readonly context: LabContext,
    private readonly cluster: WorkloadCluster,
    private readonly store: Store,
  ) {
    this.speakers = new Speakers(context, cluster.name);
  }

  start(): void {
    // Changes that come together are looked at together.
    this.store.onChange((type) => {
      if (concerns.has(type.kind)) this.within(0.3);
    });
    this.cluster.signal.addEventListener("abort", () => {
      clearTimeout(this.timer);
      void (this.running ?? Promise.resolve()).finally(() => this.speakers.stopAll());
    });
    this.within(0.1);
  }

  private within(seconds: number): void {
    const at = Date.now() + seconds * 1000;
    if (this.cluster.signal.aborted || at >= this.due) return;
    clearTimeout(this.timer);
    this.due = at;
    this.timer = setTimeout(() => void this.run(), seconds * 1000);
  }

  private async run(): Promise<void> {
    this.due = Infinity;
    if (this.running !== undefined) {
      this.again = true;
      return;
    }
    this.running = this.synchronise()
      .then((settled) => this.within(settled ? everySeconds.settled : everySeconds.coming))
      .catch((error: Error) => {
        if (this.cluster.signal.aborted) return;
        this.context.log.record("simulation-error", "bgp", error.message);
        this.within(1);
      });
    await this.running;
    this.running = undefined;
    if (this.again) this.within(0.1);
    this.again = false;
  }

  /** One look at everything; true when every session of every node is established. */
  private async synchronise(): Promise<boolean> {
    const inputs = this.inputs();
    const plans = planNodes(inputs);
    const living = plans.filter((plan) => this.lives(plan.node));
    // An agent that was replaced between two looks takes its speaker with it.
    if (living.some((plan) => this.isReplaced(plan.node)))
      await this.speakers.keep(living.filter((plan) => !this.isReplaced(plan.node)));
    for (const { node } of living) this.agents.set(node, this.agentOn(node)?.metadata.uid);
    await this.speakers.keep(living);
    for (const plan of plans) await this.showLog(plan);
    const settled = await Promise.all(plans.map((plan) => this.node(plan)));
    const wanted = new Set(plans.map((plan) => plan.node));
    for (const config of this.store.list(types.CiliumBGPNodeConfig)) {
      if (!wanted.has(config.metadata.name)) await this.store.remove(types.CiliumBGPNodeConfig, config);
    }
    for (const config of inputs.clusterConfigs) {
      await this.conditions(types.CiliumBGPClusterConfig, config, clusterConfigConditions(config, inputs));
    }
    for (const config of inputs.peerConfigs) {
      await this.conditions(types.CiliumBGPPeerConfig, config, peerConfigConditions(config, inputs));
    }
    return settled.every((each) => each);
  }

  private inputs(): BgpInputs {
    const namespace = this.setting("bgp-secrets-namespace") ?? "kube-system";
    return {
      clusterConfigs: alive(this.store.list(types.CiliumBGPClusterConfig)),
      peerConfigs: alive(this.store.list(types.CiliumBGPPeerConfig)),
      advertisements: alive(this.store.list(types.CiliumBGPAdvertisement)),
      overrides: this.store.list(types.CiliumBGPNodeConfigOverride),
      nodes: alive(this.store.list(types.CiliumNode)),
      services: alive(this.store.list(types.Service)),
      secrets: new Map(
        this.store.list(types.Secret, namespace).map((secret) => [secret.metadata.name, passwordOf(secret)]),
      ),
    };
  }

  private setting(key: string): string | undefined {
    return text(this.store.get(types.ConfigMap, "cilium-config", "kube-system"), "data", key);
  }

  /** The speaker is part of the agent: it runs where the agent is ready and the server has power. */
  private lives(name: string): boolean {
    const agent = this.agentOn(name);
    return agent !== undefined && isReady(agent) && this.cluster.hasPower(name);
  }

  private isReplaced(node: string): boolean {
    return this.agents.has(node) && this.agents.get(node) !== this.agentOn(node)?.metadata.uid;
  }

  /** The agent of a node that is not on its way out. */
  private agentOn(node: string): KubernetesObject | undefined {
    return this.store
      .list(types.Pod, "kube-system")
      .find(
        (pod) =>
          pod.metadata.labels?.["k8s-app"] === "cilium" &&
          pod.metadata.deletionTimestamp === undefined &&
          text(pod, "spec", "nodeName") === node,
      );
  }

  /** A speaker's output is in the agent's log, where the program looks for the reasons of dead sessions. */
  private async showLog(plan: NodeBgp): Promise<void> {
    const [first] = plan.speakers;
    const agent = this.agentOn(plan.node);
    if (first === undefined || agent === undefined || this.shown.has(agent.metadata.name)) return;
    this.shown.add(agent.metadata.name);
    await this.cluster.showLogs(agent, { "cilium-agent": this.speakers.logFile(plan, first) });
  }

  /** Brings one CiliumBGPNodeConfig up to date; true when its sessions are as they should be. */
  private async node(plan: NodeBgp): Promise<boolean> {
    const config = await this.nodeConfig(plan);
    // A dead agent reports nothing, and what it reported last stays.
    if (!this.lives(plan.node)) return true;
    const sessions = await this.speakers.sessions(plan);
    const reports = this.setting("enable-bgp-control-plane-status-report") !== "false";
    const status = reports ? nodeStatus(config, plan, sessions) : null;
    const before = JSON.stringify(sorted(field(config, "status") ?? null));
    if (before !== JSON.stringify(sorted(status))) {
      await this.store.patch(types.CiliumBGPNodeConfig, config, { status }, "status");
    }
    return plan.speakers.every((speaker) =>
      speaker.peers.every((peer) =>
        sessions
          .get(speaker.instance)
          ?.some((session) => session.address === peer.address && session.state === "established"),
      ),
    );
  }

  private async nodeConfig(plan: NodeBgp): Promise<KubernetesObject> {
    const type = types.CiliumBGPNodeConfig;
    const owner = {
      apiVersion: plan.owner.apiVersion,
      kind: plan.owner.kind,
      name: plan.owner.metadata.name,
      uid: plan.owner.metadata.uid ?? "",
      controller: true,
    };
    const metadata = { name: plan.node, ownerReferences: [owner] };
    const known =
      this.store.get(type, plan.node, "") ??
      (await this.store.create(type, {
        apiVersion: type.apiVersion,
        kind: type.kind,
        metadata,
        spec: plan.spec,
      }));
    if (JSON.stringify(sorted(field(known, "spec"))) === JSON.stringify(sorted(plan.spec))) return known;
    return this.store.patch(type, known, { spec: plan.spec, metadata: { ownerReferences: [owner] } });
  }

  private async conditions(
    type: typeof types.CiliumBGPClusterConfig | typeof types.CiliumBGPPeerConfig,
    object: KubernetesObject,
    wanted: readonly Condition[],
  ): Promise<void> {
    const current = list(object, "status", "conditions").every(
      (entry) => field(entry, "observedGeneration") === object.metadata.generation,
    );
    if (current && hasConditions(object, wanted)) return;
    const status = { conditions: withConditions(object, wanted, timestamp()) };
    await this.store.patch(type, object, { status }, "status");
  }
}

const alive = (objects: readonly KubernetesObject[]) =>
  objects.filter((object) => object.metadata.deletionTimestamp === undefined);

/** The session password in a Secret, if it has one under the key that Cilium reads. */
function passwordOf(secret: KubernetesObject): string | undefined {
  const value = text(secret, "data", "password");
  return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
}

/** Key order means nothing: the API server answers in its own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
}

/** The conditions of a CiliumBGPClusterConfig: all are problems, "False" is good. */
export function clusterConfigConditions(config: KubernetesObject, inputs: BgpInputs): Condition[] {
  const nodes = selectedNodes(config, inputs.nodes);
  const referenced = list(config, "spec", "bgpInstances")
    .flatMap((instance) => list(instance, "peers"))
    .flatMap((peer) => text(peer, "peerConfigRef", "name") ?? []);
  const missing = [...new Set(referenced)].filter(
    (name) => !inputs.peerConfigs.some((entry) => entry.metadata.name === name),
  );
  const rivals = inputs.clusterConfigs.filter(
    (other) =>
      other.metadata.name !== config.metadata.name &&
      selectedNodes(other, inputs.nodes).some((node) => nodes.includes(node)),
  );
  const problem = (type: string, reason: string, is: boolean, message: string): Condition => ({
    type: `cilium.io/${type}`,
    status: is ? "True" : "False",
    reason,
    message: is ? message : "",
  });
  return [
    problem("NoMatchingNode", "NoMatchingNode", nodes.length === 0, "no node matches the node selector"),
    problem(
      "MissingPeerConfigs",
      "MissingPeerConfigs",
      missing.length > 0,
      `Referenced CiliumBGPPeerConfig(s) are missing: ${missing.join(", ")}`,
    ),
    problem(
      "ConflictingClusterConfig",
      "ConflictingClusterConfig",
      rivals.length > 0,
      `Selecting the same node(s) with ClusterConfig(s): ${rivals.map((other) => other.metadata.name).join(", ")}`,
    ),
  ];
}

/** The condition of a CiliumBGPPeerConfig. */
export function peerConfigConditions(config: KubernetesObject, inputs: BgpInputs): Condition[] {
  const secret = text(config, "spec", "authSecretRef");
  const missing = secret !== undefined && !inputs.secrets.has(secret);
  return [
    {
      type: "cilium.io/MissingAuthSecret",
      status: missing ? "True" : "False",
      reason: "MissingAuthSecret",
      message: missing ? `Referenced Auth Secret "${secret}" is missing` : "",
    },
  ];
}
