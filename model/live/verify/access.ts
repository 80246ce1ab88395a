import { type Credential, inManagement } from "../snapshot";
import { counted } from "../../text/wording";
import { type CheckResult, type Problem, judged, unknown } from "../preflight/check-result";
import type { Running } from "./check";
import { least } from "../../text/numbers";

const dayMs = 86_400_000;
/** Cluster API renews a kubeconfig when half of its year is over; a month is its own affair. */
const renewalDays = 150;
/** The authority is made for ten years, and nothing renews it. */
const authorityDays = 365;
/** kubeadm's certificates live for a year and are renewed when the machine is replaced. */
const machineDays = 30;

/** The kubeconfig's certificates end in the far future. */
export function judgeKubeconfig({ plan, snapshot }: Running): CheckResult {
  const { credentials, kubeconfig } = snapshot.workload;
  if (kubeconfig !== true) return unknown("there is no kubeconfig to look at");
  const problems = credentials.flatMap((credential): Problem[] => {
    const left = daysLeft(credential, snapshot.at);
    const isAuthority = credential.name === "ca";
    if (left > (isAuthority ? authorityDays : renewalDays)) return [];
    return [
      {
        severity: left <= (isAuthority ? 90 : 30) ? "error" : "warning",
        at: credential.object,
        problem: `the certificate of ${isAuthority ? "the cluster's authority" : "the kubeconfig"} ${endsIn(left)}`,
        fix: isAuthority
          ? "plan a new authority: every machine is replaced with it"
          : `Cluster API renews it half a year before its end and did not: check that the Cluster is not paused, or delete Secret ${plan.name}-kubeconfig, which is then created again; then pulumi up`,
      },
    ];
  });
  const checked = credentials.map((one) => `${one.name} ${endsIn(daysLeft(one, snapshot.at))}`).join(", ");
  return judged(checked === "" ? "no certificates in the kubeconfig" : checked, problems);
}

/** The certificates that kubeadm made on control plane machines, as Cluster API reads them. */
export function judgeMachineCertificates({ snapshot }: Running): CheckResult {
  const dated = inManagement(snapshot, "machines").flatMap((machine) => {
    const end = Date.parse(machine.status?.certificatesExpiryDate ?? "");
    return Number.isNaN(end)
      ? []
      : [{ name: machine.metadata.name, days: Math.floor((end - snapshot.at) / dayMs) }];
  });
  const problems = dated
    .filter(({ days }) => days <= machineDays)
    .map(({ name, days }) => ({
      severity: days <= 7 ? ("error" as const) : ("warning" as const),
      at: `Machine/${name}`,
      problem: `its API server's certificate ${endsIn(days)}`,
      fix: "roll the control plane out: a new Kubernetes patch version, or kubectl patch of the KubeadmControlPlane's spec.rollout.after",
    }));
  const first = least(dated.map(({ days }) => days));
  return judged(
    dated.length === 0
      ? "no machine reports when its certificates expire"
      : `${counted(dated.length, "machine")}, the first ${endsIn(first)}`,
    problems,
  );
}

function daysLeft({ notAfter }: Credential, at: number): number {
  return Math.floor((notAfter - at) / dayMs);
}

function endsIn(days: number): string {
  return days < 0 ? `ended ${counted(-days, "day")} ago` : `ends in ${counted(days, "day")}`;
}
