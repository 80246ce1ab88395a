import { field, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import type { World } from "../store";
import { CLUSTER_LABEL, type RenderedData } from "./association";
import { ownerReference } from "./owner";

/**
 * The Secrets rendered for a machine, asked for with a Metal3DataClaim; none without a data template, undefined while they
 * are not there yet.
 */
export async function renderedFor(
  world: World,
  machine: KubernetesObject,
): Promise<RenderedData | undefined> {
  const template = text(machine, "spec", "dataTemplate", "name");
  if (template === undefined) return {};
  const { name, namespace } = machine.metadata;
  const claim = world.get(types.Metal3DataClaim, name, namespace);
  if (claim === undefined) {
    await world.create(types.Metal3DataClaim, dataClaim(machine, template));
    return undefined;
  }
  const data = world.get(types.Metal3Data, text(claim, "status", "renderedData", "name"), namespace);
  if (data === undefined || field(data, "status", "ready") !== true) return undefined;
  const names = namesIn(field(data, "spec"));
  if (text(machine, "status", "renderedData", "name") !== data.metadata.name) {
    const references = Object.entries(names).map(([key, secret]) => [key, { name: secret, namespace }]);
    const status = {
      renderedData: { name: data.metadata.name, namespace },
      ...(Object.fromEntries(references) as object),
    };
    await world.patch(types.Metal3Machine, machine, { status }, "status");
  }
  return names;
}

function namesIn(section: unknown): RenderedData {
  const metaData = text(section, "metaData", "name");
  const networkData = text(section, "networkData", "name");
  return {
    ...(metaData === undefined ? {} : { metaData }),
    ...(networkData === undefined ? {} : { networkData }),
  };
}

function dataClaim(machine: KubernetesObject, template: string): KubernetesObject {
  const { name, namespace } = machine.metadata;
  return {
    apiVersion: types.Metal3DataClaim.apiVersion,
    kind: "Metal3DataClaim",
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [CLUSTER_LABEL]: machine.metadata.labels?.[CLUSTER_LABEL] ?? "" },
      ownerReferences: [ownerReference(machine)],
    },
    spec: { template: { name: template, namespace } },
  };
}
