import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import type { WaitOrder } from "../../model/plan/readiness";
import type { KubernetesApi } from "../kubernetes/api";
import { StackClusters } from "../live/clusters";

/** The clusters that an order speaks of. */
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

/** Where kinds live in one cluster; each API version is asked for once. */
export class Kinds {
  private readonly asked = new Map<string, Promise<readonly ResourceType[]>>();

  constructor(private readonly api: KubernetesApi) {}

  /** Undefined for a kind that is not served. */
  async find({
    apiVersion,
    kind,
  }: Pick<KubernetesObject, "apiVersion" | "kind">): Promise<ResourceType | undefined> {
    const asking = this.asked.get(apiVersion) ?? this.api.served(apiVersion);
    this.asked.set(apiVersion, asking);
    return (await asking).find((type) => type.kind === kind);
  }
}
