import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import type { WaitOrder } from "../../model/plan/readiness";
import type { KubernetesApi } from "../kubernetes/api";
import { StackClusters } from "../live/clusters";

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
