import { resources } from "../../model/kubernetes/resources";
import type { ClusterPlan } from "../../model/plan/plan";
import { ApiError, KubernetesApi, UnreachableError } from "../kubernetes/api";
import { KubeconfigError, resolveKubeconfig, selfContained, kubeconfigIn } from "../kubernetes/kubeconfig";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import type { WaitOrder } from "../../model/plan/readiness";

/** A cluster that cannot be queried; the message names the cluster and the reason. */
export class ClusterUnreadable extends Error {}

/** The first answer must come within this time, so that a look at a failing cluster is short. */
const firstAnswerSeconds = 5;

/** The two clusters of a stack; each is opened on first use and has then answered once. For `await using`. */
export class StackClusters implements AsyncDisposable {
  private readonly opened = new Map<string, Promise<KubernetesApi>>();

  constructor(
    private readonly plan: Pick<ClusterPlan, "name" | "namespace" | "management">,
    /** The project's directory: a relative path of a kubeconfig is relative to it. */
    private readonly directory: string,
  ) {}

  /** The management cluster. Rejects with {@link ClusterUnreadable}. */
  management(): Promise<KubernetesApi> {
    return this.once("management", () => {
      const { context } = this.plan.management;
      return answering("the management cluster", () =>
        KubernetesApi.open(resolveKubeconfig(this.plan.management, this.directory), context),
      );
    });
  }

  /** The workload cluster. Rejects with {@link ClusterUnreadable}. */
  workload(): Promise<KubernetesApi> {
    return this.once("workload", async () => {
      const { name, namespace } = this.plan;
      const kubeconfig = await this.kubeconfig();
      if (kubeconfig === undefined) {
        throw new ClusterUnreadable(
          `Secret ${namespace}/${this.kubeconfigSecret} not found: the cluster has not been created yet`,
        );
      }
      return answering(`cluster ${name}`, () => KubernetesApi.open(kubeconfig));
    });
  }

  /** Name of the Secret with the workload cluster's kubeconfig. */
  get kubeconfigSecret(): string {
    return `${this.plan.name}-kubeconfig`;
  }

  /** The workload cluster's kubeconfig as Cluster API keeps it at present; undefined when it is not there. */
  async kubeconfig(): Promise<string | undefined> {
    const management = await this.management();
    const secret = await queried("the management cluster", () =>
      management.get(resources.Secret, this.kubeconfigSecret, this.plan.namespace),
    );
    const kubeconfig = kubeconfigIn(secret);
    if (kubeconfig === undefined) return undefined;
    return queried(`cluster ${this.plan.name}`, async () =>
      selfContained(kubeconfig, `Secret ${this.plan.namespace}/${this.kubeconfigSecret}`),
    );
  }

  /** Ends all requests. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const opening of await Promise.allSettled(this.opened.values())) {
      if (opening.status === "fulfilled") opening.value.close();
    }
  }

  private once(name: string, open: () => Promise<KubernetesApi>): Promise<KubernetesApi> {
    const before = this.opened.get(name);
    if (before !== undefined) return before;
    const opening = open();
    opening.catch(() => undefined);
    this.opened.set(name, opening);
    return opening;
  }
}

async function answering(name: string, open: () => Promise<KubernetesApi>): Promise<KubernetesApi> {
  return queried(name, async () => {
    const api = await open();
    try {
      await api.request("GET", "/version", { timeoutSeconds: firstAnswerSeconds });
    } catch (error) {
      // A server that refuses to name its version has answered.
      if (!(error instanceof ApiError)) throw error;
    }
    return api;
  });
}

/** Queries a cluster; a failure becomes a {@link ClusterUnreadable}. */
export async function queried<T>(name: string, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnreachableError || error instanceof KubeconfigError) {
      throw new ClusterUnreadable(`${name} cannot be queried: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** The clusters of an order. */
export function clustersOf({ plan, management }: WaitOrder): StackClusters {
  const { context, kubeconfigFile } = management;
  return new StackClusters(
    {
      name: plan.cluster,
      namespace: plan.namespace,
      management: {
        context: context ?? "",
        offlinePreview: false,
        ...(kubeconfigFile === undefined ? {} : { kubeconfig: kubeconfigFile }),
      },
    },
    process.cwd(),
  );
}

/** The kinds that a cluster serves; each API version is read once. */
export class Kinds {
  private readonly versions = new Map<string, Promise<readonly ResourceType[]>>();

  constructor(private readonly api: KubernetesApi) {}

  /** Undefined for a kind that is not served. */
  async find({
    apiVersion,
    kind,
  }: Pick<KubernetesObject, "apiVersion" | "kind">): Promise<ResourceType | undefined> {
    const reading = this.versions.get(apiVersion) ?? this.api.served(apiVersion);
    this.versions.set(apiVersion, reading);
    return (await reading).find((type) => type.kind === kind);
  }
}
