import type { CiliumRender } from "../../model/cilium/manifest";
import type { Cluster } from "../../model/kubernetes/cluster-api";
import type { Deployment, Lease } from "../../model/kubernetes/core";
import { agentSelector } from "../../model/kubernetes/labels";
import type { BareMetalHost, HardwareData } from "../../model/kubernetes/metal3";
import {
  type KubernetesObject,
  type ResourceType,
  defined,
  field,
  text,
} from "../../model/kubernetes/object";
import { type KindOf, resources } from "../../model/kubernetes/resources";
import { named } from "../../model/live/snapshot";
import type { RunningCilium } from "../../model/live/preflight/cilium-upgrade";
import type { PlannedAndLive } from "../../model/live/differences";
import { hardwareOf } from "../../model/live/preflight/hardware";
import type { LiveHosts } from "../../model/live/preflight/inventory";
import type { ClusterPlan } from "../../model/plan/plan";
import type { SecretShape } from "../../model/live/preflight/login-secrets";
import type { FoundConsumer } from "../../model/live/readiness/host-claim";
import type { LiveCluster } from "../../model/live/rollout/live-cluster";
import { ApiError, KubernetesApi } from "../kubernetes/api";
import { unreadOf } from "../kubernetes/informer";
import { resolveKubeconfig } from "../kubernetes/kubeconfig";
import { ClusterUnreadable, StackClusters, queried } from "../live/clusters";
import { kindOf, plannedManagementObjects } from "../live/planned";
import { managementStreams } from "../wait/streams";
import { isPermitted } from "../rights/stack-rights";

/** Planned objects with the live ones, and the kinds that could not be listed, each with the reason. */
export interface PlannedWithLive {
  readonly known: readonly PlannedAndLive[];
  readonly unlisted: readonly string[];
}

/**
 * What the checks read from the management cluster, each object once for all checks. Every read rejects with
 * KubeconfigError or UnreachableError when the cluster cannot be reached.
 */
export class Management {
  /** The server's version, once {@link api} has resolved. */
  gitVersion = "";
  /** Why nothing can be read, once {@link api} has failed. */
  failure: unknown;
  private readonly reads = new Map<string, Promise<unknown>>();
  private opened: KubernetesApi | undefined;

  constructor(
    private readonly plan: ClusterPlan,
    /** A pending render delays only the checks that need it. */
    private readonly rendered: Promise<{ readonly render?: CiliumRender | undefined }>,
  ) {}

  /** The client, once the server has answered: an unreachable server is reported once and quickly. */
  api(): Promise<KubernetesApi> {
    return this.once("api", () =>
      this.open().catch((error: unknown) => {
        this.failure = error;
        throw error;
      }),
    );
  }

  private async open(): Promise<KubernetesApi> {
    const { kubeconfig, context } = this.plan.management;
    const api = await KubernetesApi.open(resolveKubeconfig({ context, kubeconfig }), context);
    this.opened = api;
    const version = await api.request("GET", "/version", { timeoutSeconds: 5 });
    this.gitVersion = text(version, "gitVersion") ?? "of unknown version";
    return api;
  }

  /** What the plan puts there; the payload is empty where nothing could be rendered. */
  async planned(): Promise<readonly KubernetesObject[]> {
    return plannedManagementObjects(this.plan, (await this.rendered).render);
  }

  /** Nearly all of it, known before anything is rendered. */
  private get unrendered(): readonly KubernetesObject[] {
    return plannedManagementObjects(this.plan, undefined);
  }

  /** Kinds that the waiting program follows. */
  get followed(): readonly ResourceType[] {
    const streams = managementStreams({ ...this.plan.readiness, workloads: [] }, () => undefined);
    return [...new Set(streams.map(({ type }) => type))];
  }

  /** All kinds of the API versions that are planned or followed, by `apiVersion/Kind`. */
  served(): Promise<ReadonlyMap<string, ResourceType>> {
    return this.once("served", async () => {
      const api = await this.api();
      const versions = new Set([...this.unrendered, ...this.followed].map(({ apiVersion }) => apiVersion));
      const types = await Promise.all([...versions].map((version) => api.served(version)));
      return new Map(types.flat().map((type) => [kindOf(type), type] as const));
    });
  }

  /** Planned objects with the live objects of the same names. Kinds that are not served have no live objects. */
  objects(): Promise<PlannedWithLive> {
    return this.once("objects", async () => {
      const served = await this.served();
      const listed = async (planned: readonly KubernetesObject[]) => {
        const types = new Set(planned.map((object) => served.get(kindOf(object))));
        const lists = [...types].map(async (type) =>
          type === undefined ? [] : this.listedIfPermitted(type),
        );
        return (await Promise.all(lists)).flat();
      };
      await listed(this.unrendered);
      const planned = await this.planned();
      const found = await listed(planned);
      const forbidden = new Set(found.filter((each) => typeof each === "string"));
      const objects = found.filter((each) => typeof each !== "string");
      const live = new Map(objects.map((object) => [keyOf(object), object]));
      const known = planned.filter((object) => !forbidden.has(kindOf(object)));
      return {
        known: known.map((object) => {
          const there = live.get(keyOf(object));
          return there === undefined ? { planned: object } : { planned: object, live: there };
        }),
        unlisted: [...forbidden].map((kind) => `${kind}: not permitted to list them`),
      };
    });
  }

  /** The stack's Cluster; undefined while there is none. */
  async cluster(): Promise<Cluster | undefined> {
    return named(await this.listed(resources.Cluster), this.plan.name);
  }

  /** Whether this user may read the Secrets of the stack's namespace, where logins and kubeconfigs are. */
  mayReadSecrets(): Promise<boolean> {
    return this.once("may read Secrets", async () =>
      isPermitted(await this.api(), this.plan.namespace, { type: resources.Secret, verb: "get" }),
    );
  }

  /** What {@link listed} gives; the kind's name where this user may not list it. */
  private async listedIfPermitted(type: ResourceType): Promise<readonly (KubernetesObject | string)[]> {
    try {
      return await this.listed(type);
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) return [kindOf(type)];
      throw error;
    }
  }

  /** The namespace's objects of a kind; Secrets and ConfigMaps without their content. */
  private listed<Kind extends string>(type: ResourceType<Kind>): Promise<readonly KindOf<Kind>[]> {
    return this.once(`list ${kindOf(type)}`, async (): Promise<readonly KindOf<Kind>[]> => {
      const api = await this.api();
      const bare = type.kind === "Secret" || type.kind === "ConfigMap";
      if (bare) return api.listMetadata(type, this.plan.namespace);
      return (await api.list(type, this.plan.namespace)).items;
    });
  }

  /** What runs in the stack's namespace; empty where a kind is not served. */
  live(): Promise<LiveCluster> {
    return this.once("live", async () => {
      const [clusters, controlPlanes, machineDeployments, machines, machineTemplates, bootstrapTemplates] =
        await Promise.all([
          this.listed(resources.Cluster),
          this.listed(resources.KubeadmControlPlane),
          this.listed(resources.MachineDeployment),
          this.listed(resources.Machine),
          this.listed(resources.Metal3MachineTemplate),
          this.listed(resources.KubeadmConfigTemplate),
        ]);
      const [byName, data, addressClaims] = await Promise.all([
        this.hosts(),
        this.hardwareData(),
        this.listedIfServed(resources.IPClaim, this.plan.namespace),
      ]);
      const hosts = [...byName.values()];
      // After the hosts: the machine of a claim that was read exists, or is gone.
      const metal3Machines = await this.metal3Machines();
      return defined({
        cluster: named(clusters, this.plan.name),
        clusters,
        controlPlane: named(controlPlanes, this.plan.name),
        machineDeployments,
        machines,
        metal3Machines,
        machineTemplates,
        bootstrapTemplates,
        hosts,
        addressClaims,
        hardware: hardwareOf(hosts, data),
      });
    });
  }

  /** The Metal3Machines of all clusters of the namespace, or why they cannot be listed. */
  private async metal3Machines(): Promise<FoundConsumer> {
    try {
      return { objects: await this.listed(resources.Metal3Machine) };
    } catch (error) {
      if (error instanceof ApiError) return { unread: unreadOf(error) };
      throw error;
    }
  }

  /** The stack's namespace. */
  namespace(): Promise<KubernetesObject | undefined> {
    return this.once("namespace", async () =>
      (await this.api()).get(resources.Namespace, this.plan.namespace),
    );
  }

  /** All BareMetalHosts of the stack's namespace, by name. */
  hosts(): Promise<LiveHosts> {
    return this.once("hosts", async () => {
      const hosts = await this.listed(resources.BareMetalHost);
      return new Map(hosts.map((host) => [host.metadata.name, host]));
    });
  }

  /** The inspection's results where newer operators keep them; none where the kind is not served. */
  hardwareData(): Promise<readonly HardwareData[]> {
    return this.once("hardware", () => this.listedIfServed(resources.HardwareData, this.plan.namespace));
  }

  /** BareMetalHosts of all namespaces. */
  hostsEverywhere(): Promise<readonly BareMetalHost[]> {
    return this.once(
      "hosts everywhere",
      async () => (await (await this.api()).list(resources.BareMetalHost)).items,
    );
  }

  /** Deployments of all namespaces. */
  deployments(): Promise<readonly Deployment[]> {
    return this.once("deployments", () => this.listedIfServed(resources.Deployment));
  }

  /** clusterctl's inventory; none where clusterctl was not used. */
  inventory(): Promise<readonly KubernetesObject[]> {
    return this.once("inventory", () => this.listedIfServed(resources.Provider));
  }

  /** Leases of one name, in all namespaces. */
  async leases(name: string): Promise<readonly Lease[]> {
    const query = { fieldSelector: `metadata.name=${name}` };
    return (await (await this.api()).list(resources.Lease, undefined, query)).items;
  }

  /** Metadata of all CustomResourceDefinitions. */
  async definitions(): Promise<readonly KubernetesObject[]> {
    return (await this.api()).listMetadata(resources.CustomResourceDefinition);
  }

  /**
   * The Cilium that runs in the workload cluster; undefined while there is no such cluster, and a text with the
   * reason where it cannot be queried.
   */
  runningCilium(): Promise<RunningCilium | string | undefined> {
    return this.once("running Cilium", async () => {
      await using clusters = new StackClusters(this.plan, process.cwd());
      try {
        if ((await clusters.kubeconfig()) === undefined) return undefined;
        const workload = await clusters.workload();
        const agents = { labelSelector: agentSelector };
        const [daemonSet, { items }] = await queried(`cluster ${this.plan.name}`, () =>
          Promise.all([
            workload.get(resources.DaemonSet, "cilium", "kube-system"),
            workload.list(resources.Pod, "kube-system", agents),
          ]),
        );
        return { daemonSet, agents: items };
      } catch (error) {
        if (!(error instanceof ClusterUnreadable)) throw error;
        const { cause, message } = error;
        if (cause instanceof ApiError && cause.status === 403) return `not permitted: ${cause.message}`;
        return message;
      }
    });
  }

  /** The keys and owners of a Secret; its values are dropped here. */
  async secretShape(name: string): Promise<SecretShape | undefined> {
    const secret = await (await this.api()).get(resources.Secret, name, this.plan.namespace);
    if (secret === undefined) return undefined;
    const keys = Object.keys((field(secret, "data") as object | undefined) ?? {});
    return { keys, owners: secret.metadata.ownerReferences ?? [] };
  }

  /** Ends all requests. */
  close(): void {
    this.opened?.close();
  }

  private async listedIfServed<Kind extends string>(
    type: ResourceType<Kind>,
    namespace?: string,
  ): Promise<readonly KindOf<Kind>[]> {
    try {
      return (await (await this.api()).list(type, namespace)).items;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }

  private once<T>(name: string, read: () => Promise<T>): Promise<T> {
    const before = this.reads.get(name) as Promise<T> | undefined;
    if (before !== undefined) return before;
    const reading = read();
    // Each caller receives the rejection; one without a remaining caller must not end the process.
    reading.catch(() => undefined);
    this.reads.set(name, reading);
    return reading;
  }
}

function keyOf(object: KubernetesObject): string {
  return `${kindOf(object)} ${object.metadata.name}`;
}
