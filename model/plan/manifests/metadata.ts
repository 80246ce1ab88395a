import type { Stack } from "../../stack/schema";
import type { ObjectMeta } from "../../kubernetes/object";
import { clusterLabel, ownerLabel } from "../../kubernetes/labels";

/** Metadata of a management object: name, namespace, and whose it is. */
export function managementMetadata(
  stack: Stack,
  name: string,
  extra: { labels?: Record<string, string>; annotations?: Record<string, string> } = {},
): ObjectMeta {
  return {
    name,
    namespace: stack.management.namespace,
    labels: { [ownerLabel]: stack.name, [clusterLabel]: stack.name, ...extra.labels },
    ...(extra.annotations === undefined ? {} : { annotations: extra.annotations }),
  };
}
