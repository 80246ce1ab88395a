import { checks } from "../../model/checks";
import { proofs } from "../../model/cilium/proofs";
import { formRules } from "../../model/config/form-rules";
import type { Explained } from "../../model/explained";
import { fleetRules } from "../../model/fleet/rules";
import { diagnosisRules } from "../../model/diagnosis/stages";
import { handOverRules } from "../../model/gitops/rules";
import { hostKnown, hostRules } from "../../model/recover/host";
import { machineKnown } from "../../model/recover/machine";
import { machineRules } from "../../model/recover/machine-rules";
import { inUseRules } from "../../model/router/in-use";
import { destroyRules } from "../../model/teardown/destroy-plan";
import { verifyChecks } from "../../model/verify/checks";
import { preflightChecks } from "../preflight/checks";

/** Who finds it, and therefore when it is seen. */
export const pageKinds = {
  form: "the form of a stack file",
  check: "a check of the stack, before anything else",
  proof: "a proof on the rendered Cilium, in previews and updates",
  preflight: "a question to what is there already, in previews and updates",
  router: "a look at a router's running configuration: npm run metal -- router --against",
  fleet: "a look at all stacks together: npm run metal -- fleet",
  cause: "a diagnosis, while a cluster is made or when it is asked for",
  verify: "a look at the running cluster: npm run metal -- verify",
  recovery: "npm run metal -- recover, before it changes anything",
  gitops: "npm run metal -- gitops, before Cilium is handed over",
  destroy: "npm run metal -- destroy-plan, before a destroy or while one waits",
} as const;

/** One id's page. */
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
    ...checks.map(({ id, why, severity, acceptable }): Page => ({
      id,
      why,
      kind: "check",
      severity,
      acceptable,
    })),
    ...pagesOf("proof", proofs),
    ...pagesOf("preflight", preflightChecks),
    ...pagesOf("router", inUseRules),
    ...pagesOf("fleet", fleetRules),
    ...pagesOf("cause", diagnosisRules),
    ...pagesOf("verify", verifyChecks),
    ...pagesOf("gitops", handOverRules),
    ...pagesOf("destroy", destroyRules),
    ...pagesOf("recovery", [...machineRules, machineKnown, ...hostRules, hostKnown]),
  ];
}

const warnings = new Set(["accept/finding-present", "router/running-prefixes", "router/whole-router"]);

function pagesOf(kind: Page["kind"], rules: readonly Explained[]): readonly Page[] {
  return rules.map(({ id, why, fix }) => ({
    id,
    why,
    kind,
    severity: warnings.has(id) ? "warning" : "error",
    acceptable: false,
    ...(fix === undefined ? {} : { fix }),
  }));
}

/** What must hold, read off the id: `net/cidrs-disjoint` is "cidrs disjoint". */
export function statement({ id }: Page): string {
  return (id.split("/")[1] ?? id).replaceAll("-", " ");
}
