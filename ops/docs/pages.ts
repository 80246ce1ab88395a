import { checks } from "../../model/checks";
import { proofs } from "../../model/cilium/proofs";
import { formRules } from "../../model/stack/form-rules";
import { causes } from "../../model/live/causes";
import type { Explained } from "../../model/findings/finding";
import { fleetRules } from "../../model/fleet/plan-fleet";
import { handOverRules } from "../../model/live/hand-over/hand-over";
import { hostKnown, hostRules } from "../../model/live/recover/host";
import { machineKnown } from "../../model/live/recover/machine";
import { machineRules } from "../../model/live/recover/machine-rules";
import { inUseRules } from "../../model/bgp/router/in-use";
import { destroyRules } from "../../model/live/teardown/destroy-plan";
import { verifyChecks } from "../../model/live/verify/checks";
import { preflightChecks } from "../preflight/preflight";

/** What finds it, and therefore when it is seen. */
export const pageKinds = {
  form: "reading the stack file",
  check: "a check of the stack, before anything else",
  proof: "a proof on the rendered Cilium, in previews and updates",
  preflight: "a check of the live clusters and networks, in previews and updates",
  router: "a router's running configuration: npm run metal -- router --against",
  fleet: "all stacks together: npm run metal -- fleet",
  cause: "the diagnosis, while a cluster is created or on request",
  verify: "the running cluster: npm run metal -- verify",
  recovery: "npm run metal -- recover, before it changes anything",
  gitops: "npm run metal -- gitops, before Cilium is handed over",
  destroy: "npm run metal -- destroy-plan, before or during a destroy",
} as const;

/** The page of one id. */
export interface Page extends Explained {
  readonly kind: keyof typeof pageKinds;
  readonly severity: "error" | "warning";
  /** Whether `metal:accept` may accept it. */
  readonly acceptable: boolean;
}

/** Every id that any command, preview or wait can show, from the registries themselves. */
export function allPages(): readonly Page[] {
  return [
    ...pagesOf("form", formRules),
    ...pagesOf("check", checks),
    ...pagesOf("proof", proofs),
    ...pagesOf("preflight", preflightChecks),
    ...pagesOf("router", inUseRules),
    ...pagesOf("fleet", fleetRules),
    ...pagesOf("cause", causes),
    ...pagesOf("verify", verifyChecks),
    ...pagesOf("gitops", handOverRules),
    ...pagesOf("destroy", destroyRules),
    ...pagesOf("recovery", [...machineRules, machineKnown, ...hostRules, hostKnown]),
  ];
}

/** Rules that state no severity themselves and warn. */
const warnings = new Set(["accept/finding-present", "router/running-prefixes", "router/whole-router"]);

function pagesOf(
  kind: Page["kind"],
  rules: readonly (Explained & Partial<Pick<Page, "severity" | "acceptable">>)[],
): readonly Page[] {
  return rules.map(({ id, summary, why, fix, severity, acceptable = false }) => ({
    id,
    ...(summary === undefined ? {} : { summary }),
    why,
    kind,
    severity: severity ?? (warnings.has(id) ? "warning" : "error"),
    acceptable,
    ...(fix === undefined ? {} : { fix }),
  }));
}

/** What is checked: the summary, else what the id reads as. */
export function statement({ id, summary }: Page): string {
  return summary ?? (id.split("/")[1] ?? id).replaceAll("-", " ");
}
