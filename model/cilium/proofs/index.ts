import { type Finding, findingsOf } from "../../findings/finding";
import type { CiliumPlan } from "../../plan/plan";
import { type CiliumRender, readManifest } from "../manifest";
import { apiServerProofs } from "./api-server";
import { cniProofs } from "./cni";
import { configurationProofs } from "./configuration";
import { objectProofs } from "./objects";
import { placementProofs } from "./placement";
import type { Proof } from "./proof";
import { referenceProofs } from "./references";
import { routingProofs } from "./routing";
import { textProofs, yamlReadable } from "./text";
import { workloadProofs } from "./workloads";

/** Every proof, in the order of the report. */
export const proofs: readonly Proof[] = [
  yamlReadable,
  ...textProofs,
  ...objectProofs,
  ...referenceProofs,
  ...workloadProofs,
  ...placementProofs,
  ...apiServerProofs,
  ...configurationProofs,
  ...cniProofs,
  ...routingProofs,
];

/** Runs every proof; an unreadable text is reported alone, because no other proof is meaningful then. */
export function proveRender(render: CiliumRender, plan: CiliumPlan): readonly Finding[] {
  const unreadable = findingsOf(yamlReadable, render, plan);
  return unreadable.length > 0 ? unreadable : proofs.flatMap((proof) => findingsOf(proof, render, plan));
}

/**
 * Reads a render and runs every proof on it; without findings it may reach a cluster. `again` is a second render of the
 * same values ({@link readManifest}).
 */
export function readRender(
  rendered: string,
  plan: CiliumPlan,
  again?: string,
): { readonly render: CiliumRender; readonly findings: readonly Finding[] } {
  const render = readManifest(rendered, again);
  return { render, findings: proveRender(render, plan) };
}
