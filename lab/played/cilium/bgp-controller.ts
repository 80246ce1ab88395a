import { field, list, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import type { WorkloadCluster } from "../../workload/cluster";
import { hasConditions, timestamp, withConditions, type Condition } from "../conditions";
import type { World } from "../world";
import {
  clusterConfigConditions,
  peerConfigConditions,
  planNodes,
  type BgpInputs,
  type NodeBgp,
  type Session,
} from "./bgp";
import { isReady } from "./pod-status";

const FOLLOWED = [
  types.CiliumBGPClusterConfig,
  types.CiliumBGPPeerConfig,
  types.CiliumBGPAdvertisement,
  types.CiliumBGPNodeConfig,
  types.CiliumBGPNodeConfigOverride,
  types.Service,
  types.Secret,
] as const;

const CONCERNS = new Set([...FOLLOWED.map((type) => type.kind as string), "CiliumNode", "Node"]);

/** Plays Cilium's BGP control plane: node configurations and session states, with nobody at the other end. */
export async function playBgp(context: LabContext, cluster: WorkloadCluster, world: World): Promise<void> {
  await world.follow(FOLLOWED);
  context.log.record(
    "bgp-played",
    `Cluster/${cluster.name}`,
    "session states are played from the applied objects",
  );
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let again = false;
  const run = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      try {
        await synchronise(context, world);
      } catch (error) {
        if (cluster.signal.aborted) return;
        context.log.record("played-trouble", "bgp", (error as Error).message);
        later(1);
      }
    } while (again);
    running = false;
  };
  // A session takes its time to come up; changes that come together are looked at together.
  const later = (seconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), seconds * 1000);
  };
  world.onChange((type) => {
    if (CONCERNS.has(type.kind)) later(0.3);
  });
  cluster.signal.addEventListener("abort", () => clearTimeout(timer));
  later(0.1);
}

function inputsFrom(world: World): BgpInputs {
  const config = world.get(types.ConfigMap, "cilium-config", "kube-system");
  const namespace = text(config, "data", "bgp-secrets-namespace") ?? "kube-system";
  return {
    clusterConfigs: alive(world.list(types.CiliumBGPClusterConfig)),
    peerConfigs: alive(world.list(types.CiliumBGPPeerConfig)),
    advertisements: alive(world.list(types.CiliumBGPAdvertisement)),
    overrides: world.list(types.CiliumBGPNodeConfigOverride),
    nodes: world.list(types.CiliumNode).filter((node) => {
      const object = world.get(types.Node, node.metadata.name, "");
      return object !== undefined && isReady(object);
    }),
    services: world.list(types.Service),
    secrets: new Set(world.list(types.Secret, namespace).map((secret) => secret.metadata.name)),
  };
}

const alive = (objects: readonly KubernetesObject[]) =>
  objects.filter((object) => object.metadata.deletionTimestamp === undefined);

async function synchronise(context: LabContext, world: World): Promise<void> {
  const inputs = inputsFrom(world);
  const reports = text(
    world.get(types.ConfigMap, "cilium-config", "kube-system"),
    "data",
    "enable-bgp-control-plane-status-report",
  );
  const plans = planNodes(inputs);
  for (const plan of plans) await applyNode(context, world, plan, reports !== "false");
  const wanted = new Set(plans.map((plan) => plan.node));
  for (const config of world.list(types.CiliumBGPNodeConfig)) {
    if (!wanted.has(config.metadata.name)) await world.remove(types.CiliumBGPNodeConfig, config);
  }
  for (const config of inputs.clusterConfigs) {
    await conditions(world, types.CiliumBGPClusterConfig, config, clusterConfigConditions(config, inputs));
  }
  for (const config of inputs.peerConfigs) {
    await conditions(world, types.CiliumBGPPeerConfig, config, peerConfigConditions(config, inputs));
  }
}

async function conditions(
  world: World,
  type: typeof types.CiliumBGPClusterConfig | typeof types.CiliumBGPPeerConfig,
  object: KubernetesObject,
  wanted: readonly Condition[],
): Promise<void> {
  const current = list(object, "status", "conditions").every(
    (entry) => field(entry, "observedGeneration") === object.metadata.generation,
  );
  if (current && hasConditions(object, wanted)) return;
  const status = { conditions: withConditions(object, wanted, timestamp()) };
  await world.patch(type, object, { status }, "status");
}

async function applyNode(context: LabContext, world: World, plan: NodeBgp, reports: boolean): Promise<void> {
  const type = types.CiliumBGPNodeConfig;
  const known = world.get(type, plan.node, "");
  const owner = {
    apiVersion: plan.owner.apiVersion,
    kind: plan.owner.kind,
    name: plan.owner.metadata.name,
    uid: plan.owner.metadata.uid ?? "",
    controller: true,
  };
  let config =
    known ??
    (await world.create(type, {
      apiVersion: type.apiVersion,
      kind: type.kind,
      metadata: { name: plan.node, ownerReferences: [owner] },
      spec: plan.spec,
    }));
  if (JSON.stringify(sorted(field(config, "spec"))) !== JSON.stringify(sorted(plan.spec))) {
    config = await world.patch(type, config, { spec: plan.spec, metadata: { ownerReferences: [owner] } });
  }
  const status = reports ? statusOf(config, plan) : null;
  const before = JSON.stringify(sorted(field(config, "status") ?? null));
  if (before === JSON.stringify(sorted(status))) return;
  await world.patch(type, config, { status }, "status");
  for (const session of plan.sessions.filter((entry) => entry.established)) {
    context.log.record(
      "bgp-established",
      `Node/${plan.node}`,
      `${session.peer} ${session.peerAddress} (played)`,
    );
  }
}

function statusOf(config: KubernetesObject, plan: NodeBgp): Record<string, unknown> {
  const names = [...new Set(plan.sessions.map((session) => session.instance))];
  return {
    bgpInstances: names.map((name) => {
      const sessions = plan.sessions.filter((session) => session.instance === name);
      return {
        name,
        localASN: sessions[0]?.localASN,
        peers: sessions.map((session) => peerStatus(config, session)),
      };
    }),
    conditions: withConditions(
      config,
      [
        {
          type: "cilium.io/BGPReconcileError",
          status: plan.errors.length > 0 ? "True" : "False",
          reason: "BGPReconcileError",
          message: plan.errors.join("; "),
        },
      ],
      timestamp(),
    ),
  };
}

function peerStatus(config: KubernetesObject, session: Session): Record<string, unknown> {
  const before = list(config, "status", "bgpInstances")
    .flatMap((instance) => list(instance, "peers"))
    .find((peer) => text(peer, "name") === session.peer);
  const base = { name: session.peer, peerAddress: session.peerAddress, peerASN: session.peerASN };
  if (!session.established) return { ...base, peeringState: "active" };
  return {
    ...base,
    peeringState: "established",
    establishedTime: text(before, "establishedTime") ?? timestamp(),
    timers: {
      appliedHoldTimeSeconds: session.holdSeconds,
      appliedKeepaliveSeconds: session.keepAliveSeconds,
    },
    routeCount: session.routes.map((route) => ({ ...route, received: 0 })),
  };
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
