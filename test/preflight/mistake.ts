import type { KubernetesObject } from "../../model/kubernetes/object";
import type { RawStack } from "../model/stacks";
import type { FakeApi } from "../wait/fake-api";
import { hardware, liveHost, namespace, type Situation } from "./situation";

/** A situation that breaks one check, what its finding says, and which other checks rightly speak up too. */
export interface Mistake extends Situation {
  readonly check: string;
  readonly finding: RegExp;
  readonly fix?: RegExp;
  readonly severity?: "warning";
  readonly also?: readonly string[];
}

/** What the plan puts into the management cluster. */
export type Planned = readonly KubernetesObject[];

/** The first planned object of a kind. */
export const find = (planned: Planned, kind: string) =>
  planned.find((object) => object.kind === kind) ?? planned[0]!;
/** A section of a raw stack. */
export const named = (raw: RawStack, key: string) => raw[key] as Record<string, unknown>;

/** Puts an object of the plan there, as it is after somebody changed it. */
export const holding =
  (kind: string, parts: { readonly metadata?: object; readonly [field: string]: unknown } = {}) =>
  (api: FakeApi, planned: Planned) => {
    const object = find(planned, kind);
    api.put({ ...object, ...parts, metadata: { ...object.metadata, ...parts.metadata } });
  };

/** Puts the first host there, with what a test says about it. */
export const host = (parts: Parameters<typeof liveHost>[2]) => (api: FakeApi, planned: Planned) =>
  api.put(liveHost(planned, 0, parts));

/** The first host, inspected, with other hardware than the stack file says. */
export const inspected = (change: object) =>
  host({ status: { hardware: hardware("52:54:00:0a:00:20", change) } });

/** The first host in the hands of a cluster. */
export const claimed = (
  cluster: string,
  parts: { readonly metadata?: object; readonly status?: object } = {},
) =>
  host({
    ...parts,
    metadata: {
      labels: { "metal.internal/stack": "capi-1", "cluster.x-k8s.io/cluster-name": cluster },
      ...parts.metadata,
    },
    spec: { consumerRef: { kind: "Metal3Machine", name: `${cluster}-x1`, namespace } },
  });

/** Metadata that says which fields a manager holds. */
export const manages = (manager: string, fieldsV1: object, entry: object = {}) => ({
  managedFields: [{ manager, operation: "Update", apiVersion: "v1", fieldsV1, ...entry }],
});

/** Puts a host there with annotations, claimed by a cluster when one is named. */
export function claimedHost(
  api: FakeApi,
  planned: Planned,
  index: number,
  annotations: Readonly<Record<string, string>>,
  cluster?: string,
): void {
  const live = liveHost(planned, index, { metadata: { annotations } });
  const labels = {
    ...live.metadata.labels,
    ...(cluster === undefined ? {} : { "cluster.x-k8s.io/cluster-name": cluster }),
  };
  const consumerRef = { kind: "Metal3Machine", name: "x", namespace };
  const spec = cluster === undefined ? live["spec"] : { ...(live["spec"] as object), consumerRef };
  api.put({ ...live, spec, metadata: { ...live.metadata, labels } });
}
