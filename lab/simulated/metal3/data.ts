import { dataFinalizer } from "./machine-data";
import type { LabContext } from "../../context";
import { timestamp } from "../conditions";
import type { Controller } from "../controller";
import { isOwnedBy, ownerOf, ownerReference, plainOwnerReference } from "./association";
import { RenderError, renderData } from "./render";
import type { Store } from "../store";
import { type KubernetesObject, field, list, number, text } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";

const templateFinalizer = "metal3datatemplate.infrastructure.cluster.x-k8s.io";
/** Of a Metal3DataClaim that was served, and of its Metal3Data. */
const claimFinalizer = "metal3dataclaim.infrastructure.cluster.x-k8s.io";

/** The smallest index that no Metal3Data of a template has. */
export function nextIndex(used: readonly number[]): number {
  let index = 0;
  while (used.includes(index)) index += 1;
  return index;
}

const named = (objects: readonly KubernetesObject[], template: KubernetesObject) =>
  objects.filter((each) => text(each, "spec", "template", "name") === template.metadata.name);

const dataOf = (store: Store, template: KubernetesObject) =>
  named(store.list(types.Metal3Data, template.metadata.namespace), template);

/**
 * Simulates CAPM3's Metal3DataTemplate controller (v1.14 baremetal/metal3datatemplate_manager.go): it gives each
 * Metal3DataClaim an index and a Metal3Data and takes both back. A template that is deleted stays while claims or data of it
 * exist, and is looked at again with a claim's event or after the requeue.
 */
export function metal3DataTemplateController(context: LabContext, store: Store): Controller {
  return {
    name: "metal3datatemplate",
    primary: types.Metal3DataTemplate,
    also: [types.Metal3DataClaim],
    async reconcile(template) {
      const { name, namespace, deletionTimestamp } = template.metadata;
      if (deletionTimestamp === undefined)
        await store.setFinalizer(types.Metal3DataTemplate, template, templateFinalizer, true);
      const claims = named(store.list(types.Metal3DataClaim, namespace), template);
      const leaving = claims.filter((claim) => claim.metadata.deletionTimestamp !== undefined);
      for (const claim of leaving) await takeBack(store, template, claim);
      let served = true;
      for (const claim of claims.filter((each) => !leaving.includes(each))) {
        if (text(claim, "status", "renderedData", "name") === undefined)
          served = (await serve(context, store, template, claim)) && served;
      }
      await writeIndexes(store, template);
      if (!served) return context.pace.requeue;
      if (deletionTimestamp === undefined || claims.length > leaving.length) return undefined;
      if (dataOf(store, template).length > 0) return context.pace.requeue;
      const latest = store.get(types.Metal3DataTemplate, name, namespace);
      if (latest !== undefined)
        await store.setFinalizer(types.Metal3DataTemplate, latest, templateFinalizer, false);
      return undefined;
    },
  };
}

/** Gives a claim its data; false while data that goes has its name. */
async function serve(
  context: LabContext,
  store: Store,
  template: KubernetesObject,
  claim: KubernetesObject,
): Promise<boolean> {
  const { name, namespace = "", labels = {} } = claim.metadata;
  const siblings = dataOf(store, template);
  const mine = siblings.find((data) => text(data, "spec", "claim", "name") === name);
  const index = nextIndex(siblings.map((data) => number(data, "spec", "index") ?? -1));
  const machine = store.get(types.Metal3Machine, ownerOf(claim, "Metal3Machine"), namespace);
  if (machine === undefined) return true;
  const data =
    mine ??
    (await store.create(types.Metal3Data, {
      apiVersion: types.Metal3Data.apiVersion,
      kind: "Metal3Data",
      metadata: {
        name: `${template.metadata.name}-${index}`,
        namespace,
        labels,
        finalizers: [claimFinalizer],
        ownerReferences: [ownerReference(claim), plainOwnerReference(machine)],
      },
      spec: { index, claim: { name, namespace }, template: { name: template.metadata.name, namespace } },
    }));
  if (text(data, "spec", "claim", "name") !== name) return false;
  await store.setFinalizer(types.Metal3DataClaim, claim, claimFinalizer, true);
  const status = { renderedData: { name: data.metadata.name, namespace } };
  await store.patch(types.Metal3DataClaim, claim, { status }, "status");
  context.log.record("metal3data-created", `Metal3Data/${data.metadata.name}`);
  return true;
}

async function takeBack(store: Store, template: KubernetesObject, claim: KubernetesObject): Promise<void> {
  const data = dataOf(store, template).find(
    (each) => text(each, "spec", "claim", "name") === claim.metadata.name,
  );
  if (data !== undefined) {
    await store.setFinalizer(types.Metal3Data, data, claimFinalizer, false);
    await store.remove(types.Metal3Data, data);
  }
  await store.setFinalizer(types.Metal3DataClaim, claim, claimFinalizer, false);
}

async function writeIndexes(store: Store, template: KubernetesObject): Promise<void> {
  const indexes = dataOf(store, template)
    .map((data) => ({
      index: number(data, "spec", "index") ?? 0,
      name: text(data, "spec", "claim", "name") ?? "",
    }))
    .sort((a, b) => a.index - b.index);
  if (JSON.stringify(list(template, "status", "indexes")) === JSON.stringify(indexes)) return;
  const status = { indexes, lastUpdated: timestamp() };
  await store.patch(types.Metal3DataTemplate, template, { status }, "status");
}

/** Simulates CAPM3's Metal3Data controller: it claims addresses, renders the two Secrets, and gives the addresses back. */
export function metal3DataController(context: LabContext, store: Store): Controller {
  async function release(data: KubernetesObject): Promise<number | void> {
    const { namespace } = data.metadata;
    if (store.get(types.Metal3DataClaim, text(data, "spec", "claim", "name"), namespace) !== undefined)
      return context.pace.requeue;
    for (const claim of store.list(types.IPClaim, namespace).filter((each) => isOwnedBy(each, data))) {
      await store.setFinalizer(types.IPClaim, claim, dataFinalizer, false);
      await store.remove(types.IPClaim, claim);
    }
    await store.setFinalizer(types.Metal3Data, data, dataFinalizer, false);
  }

  return {
    name: "metal3data",
    primary: types.Metal3Data,
    also: [
      types.Metal3Machine,
      types.Metal3DataTemplate,
      types.IPClaim,
      types.IPAddress,
      types.BareMetalHost,
    ],
    async reconcile(data) {
      if (data.metadata.deletionTimestamp !== undefined) return release(data);
      await store.setFinalizer(types.Metal3Data, data, dataFinalizer, true);
      if (field(data, "status", "ready") === true) return;
      try {
        await renderData(context, store, data);
      } catch (error) {
        if (!(error instanceof RenderError)) throw error;
        if (text(data, "status", "errorMessage") === error.message) return;
        await store.patch(
          types.Metal3Data,
          data,
          { status: { ready: false, errorMessage: error.message } },
          "status",
        );
      }
    },
  };
}
