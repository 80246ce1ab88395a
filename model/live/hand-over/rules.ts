import type { Explained } from "../../findings/finding";
import { type CheckResult, judged, notApplicable } from "../preflight/check-result";
import { type Running, known } from "../verify/check";
import { judgeSame } from "../verify/objects";
import { type HandOver, defaultRepository } from "./tool";

/** Something that must hold before Cilium is handed over. */
export interface HandOverRule extends Explained {
  judge(handOver: HandOver, running: Running): CheckResult;
}

const first = "bring the cluster and the stack file together first: pulumi up, then npm run metal -- verify";

/** What must hold before a hand-over, in the order of the report. */
export const handOverRules: readonly HandOverRule[] = [
  {
    id: "gitops/render-runs",
    summary: "The running Cilium is what the stack renders.",
    why: "the tool's first sync would change the network of a running cluster",
    judge: (_handOver, { cilium }) => known(cilium, (objects) => judgeSame(objects, first)),
  },
  {
    id: "gitops/bgp-runs",
    summary: "The running BGP objects are those of the stack.",
    why: "the tool's first sync would change routes",
    judge: ({ bgp: asked, plan }, { bgp }) => {
      if (!asked) return notApplicable("BGP stays with the stack (--bgp hands it over)");
      if (plan.bgp === undefined) return notApplicable("the stack has no bgp");
      // Passwords stay with the stack, which keeps them secret.
      return known(bgp, (objects) =>
        judgeSame(
          objects.filter(({ planned }) => planned.kind !== "Secret"),
          first,
        ),
      );
    },
  },
  {
    id: "gitops/chart-same",
    summary: "The tool uses the chart that the stack uses.",
    why: "another chart of the same version may render other objects",
    judge: ({ tool, plan, repository }) => {
      const { chartDirectory, version } = plan.cilium;
      const elsewhere = chartDirectory !== undefined && repository === defaultRepository[tool];
      return judged(
        `chart cilium ${version} of ${repository}`,
        elsewhere
          ? [
              {
                at: "cilium.chartDirectory",
                problem: `the running Cilium was rendered from the chart in ${chartDirectory}, which ${repository} may not hold`,
                fix: "say where the tool finds the same chart: --repository, or take cilium.chartDirectory out and run pulumi up",
              },
            ]
          : [],
      );
    },
  },
  {
    id: "gitops/values-public",
    summary: "The values contain no private key.",
    why: "a private key in a repository is no longer private",
    judge: ({ plan }, { render }) =>
      known(render, ({ secrets }) =>
        judged(
          "no private keys among the values",
          secrets === undefined && !holdsPrivateKey(plan.cilium.values)
            ? []
            : [
                {
                  at: "cilium.values",
                  problem: "the render holds Secrets made of private keys in the stack file",
                  fix: "let the cluster make them (hubble.tls.auto.method: cronJob), or give the tool an existing Secret",
                },
              ],
        ),
      ),
  },
];

/** Private keys are named by their place in the stack file, which starts like this. */
function holdsPrivateKey(values: unknown): boolean {
  return JSON.stringify(values).includes('"cilium.values.');
}
