import { field, number, text } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import type { Controller } from "../controller";
import type { World } from "../store";
import { CLUSTER_LABEL } from "./association";
import { ownerReference } from "./owner";
import { renderData } from "./render-data";
import { RenderError } from "./render-meta-data";

/** The smallest index that no Metal3Data of a template has. */
export function nextIndex(used: readonly number[]): number {
  let index = 0;
  while (used.includes(index)) index += 1;
  return index;
}

/** Plays CAPM3's Metal3DataTemplate controller: gives each Metal3DataClaim an index and a Metal3Data. */
export function metal3DataClaimController(context: LabContext, world: World): Controller {
  return {
    name: "metal3dataclaim",
    primary: types.Metal3DataClaim,
    also: [types.Metal3DataTemplate],
    async reconcile(claim) {
      const { name, namespace } = claim.metadata;
      if (claim.metadata.deletionTimestamp !== undefined) return;
      if (text(claim, "status", "renderedData", "name") !== undefined) return;
      const template = world.get(
        types.Metal3DataTemplate,
        text(claim, "spec", "template", "name"),
        namespace,
      );
      if (template === undefined) return;
      const siblings = world
        .list(types.Metal3Data, namespace)
        .filter((data) => text(data, "spec", "template", "name") === template.metadata.name);
      const mine = siblings.find((data) => text(data, "spec", "claim", "name") === name);
      const index = nextIndex(siblings.map((data) => number(data, "spec", "index") ?? -1));
      const data =
        mine ??
        (await world.create(types.Metal3Data, {
          apiVersion: types.Metal3Data.apiVersion,
          kind: "Metal3Data",
          metadata: {
            name: `${template.metadata.name}-${index}`,
            namespace: namespace ?? "",
            labels: { [CLUSTER_LABEL]: claim.metadata.labels?.[CLUSTER_LABEL] ?? "" },
            ownerReferences: [ownerReference(claim)],
          },
          spec: {
            index,
            claim: { name, namespace },
            template: { name: template.metadata.name, namespace },
          },
        }));
      const status = { renderedData: { name: data.metadata.name, namespace } };
      await world.patch(types.Metal3DataClaim, claim, { status }, "status");
      context.log.record("metal3data-created", `Metal3Data/${data.metadata.name}`);
    },
  };
}

/** Plays CAPM3's Metal3Data controller: claims addresses, then renders the two Secrets. */
export function metal3DataController(context: LabContext, world: World): Controller {
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
      if (data.metadata.deletionTimestamp !== undefined || field(data, "status", "ready") === true) return;
      try {
        await renderData(context, world, data);
      } catch (error) {
        if (!(error instanceof RenderError)) throw error;
        if (text(data, "status", "errorMessage") === error.message) return;
        await world.patch(
          types.Metal3Data,
          data,
          { status: { ready: false, errorMessage: error.message } },
          "status",
        );
      }
    },
  };
}
