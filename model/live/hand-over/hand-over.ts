import { stringify } from "yaml";
import { argocdApplication } from "./argocd";
import { fluxObjects } from "./flux";
import { type HandOver, unpruned } from "./tool";

/** The files of a hand-over by name. Equal hand-overs give equal bytes. */
export function handOverFiles(handOver: HandOver): ReadonlyMap<string, string> {
  const { tool, plan, bgp } = handOver;
  const owner = tool === "argocd" ? [argocdApplication(handOver)] : fluxObjects(handOver);
  const files = new Map([["cilium.yaml", textOf(owner)]]);
  if (bgp && plan.bgp !== undefined) {
    files.set("bgp.yaml", textOf(plan.bgp.objects.map((object) => unpruned(tool, object))));
  }
  return files;
}

function textOf(objects: readonly unknown[]): string {
  return objects
    .map((object) => stringify(object, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
}
