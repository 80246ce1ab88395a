import { field, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import type { Store } from "../store";
import { type RenderedData, ownerReference } from "./association";

/** Of a Metal3Machine, and of its Metal3DataClaim. */
export const machineFinalizer = "metal3machine.infrastructure.cluster.x-k8s.io";

/** Of a Metal3Data, and of the address claims that it made. */
export const dataFinalizer = "metal3data.infrastructure.cluster.x-k8s.io";

/**
 * The Secrets rendered for a machine, requested with a Metal3DataClaim; none without a data template, undefined while they
 * are not there yet.
 */
export async function renderedFor(
  store: Store,
  machine: KubernetesObject,
): Promise<RenderedData | undefined> {
  const template = text(machine, "spec", "dataTemplate", "name");
  if (template === undefined) return {};
  const { name, namespace } = machine.metadata;
  const claim = store.get(types.Metal3DataClaim, name, namespace);
  if (claim === undefined) {
    const dataTemplate = { name: template, namespace };
    await store.patch(types.Metal3Machine, machine, { spec: { dataTemplate } });
    await store.create(types.Metal3DataClaim, dataClaim(machine, template));
    return undefined;
  }
  const data = store.get(types.Metal3Data, text(claim, "status", "renderedData", "name"), namespace);
  if (data === undefined || field(data, "status", "ready") !== true) return undefined;
  const names = namesIn(field(data, "spec"));
  if (text(machine, "status", "renderedData", "name") !== data.metadata.name) {
    const references = Object.entries(names).map(([key, secret]) => [key, { name: secret, namespace }]);
    const status = {
      renderedData: { name: data.metadata.name, namespace },
      ...(Object.fromEntries(references) as object),
    };
    await store.patch(types.Metal3Machine, machine, { status }, "status");
  }
  return names;
}

/**
 * Gives a machine's data and addresses back. It is the first thing that happens to a machine that goes, before its host is
 * emptied: CAPM3 no longer knows then which references on the host are its own (metal3machine_manager.go, DissociateM3Metadata).
 */
export async function releaseData(store: Store, machine: KubernetesObject): Promise<void> {
  const { name, namespace } = machine.metadata;
  if (field(machine, "status", "renderedData") !== undefined) {
    const status = { renderedData: null, metaData: null, networkData: null };
    await store.patch(types.Metal3Machine, machine, { status }, "status");
  }
  const claim = store.get(types.Metal3DataClaim, name, namespace);
  if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return;
  await store.setFinalizer(types.Metal3DataClaim, claim, machineFinalizer, false);
  await store.remove(types.Metal3DataClaim, claim);
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
  const { name, namespace, labels = {} } = machine.metadata;
  return {
    apiVersion: types.Metal3DataClaim.apiVersion,
    kind: "Metal3DataClaim",
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      finalizers: [machineFinalizer],
      ownerReferences: [ownerReference(machine)],
    },
    spec: { template: { name: template, namespace } },
  };
}
