import { text } from "../../../kubernetes/object";
import { inWorkload, named } from "../../snapshot";
import { type DiagnosisCase, type DiagnosisRule, type Symptom, isOlder, sinceTime } from "../case";
import { isInitialised } from "./control-plane";

const name = ({ plan }: DiagnosisCase) => `${plan.endpoint.host}:${plan.endpoint.port}`;

/** Why the workload cluster cannot be asked, including a refusal of every part. */
function silence({ snapshot }: DiagnosisCase): string {
  const { unreachable, parts } = snapshot.workload;
  if (unreachable !== undefined) return unreachable;
  const refused = Object.values(parts).filter(({ unread }) => unread?.status === 401);
  return refused.length === Object.keys(parts).length ? "HTTP 401 Unauthorized" : "";
}

interface SilenceRule {
  readonly id: string;
  readonly why: string;
  readonly fix: string;
  readonly words: RegExp;
  readonly problem: (at: DiagnosisCase) => string;
  readonly certainty?: Symptom["certainty"];
}

function silenceRule({ words, problem, certainty, ...rule }: SilenceRule): DiagnosisRule {
  return {
    ...rule,
    find(at) {
      // Before the control plane was initialised nobody answers, and that is the normal course of things.
      if (!isInitialised(at) || !words.test(silence(at))) return [];
      return [
        {
          object: `Cluster/${at.plan.cluster}`,
          who: at.plan.cluster,
          ...(certainty === undefined ? {} : { certainty }),
          problem: problem(at),
          evidence: silence(at),
          fix: rule.fix,
          command: `curl -k https://${name(at)}/readyz`,
        },
      ];
    },
  };
}

/** The Secret with the kubeconfig is gone. */
export const kubeconfigMissing: DiagnosisRule = {
  id: "endpoint/kubeconfig-missing",
  why: "Cluster API and this program reach the workload cluster with that Secret only.",
  fix: "look why the control plane's controller does not write it again: it does so at its next look",
  find: (at) =>
    at.snapshot.workload.kubeconfig !== false || !isInitialised(at)
      ? []
      : [
          {
            object: `Secret/${at.plan.cluster}-kubeconfig`,
            who: at.plan.cluster,
            problem: "the Secret with the workload cluster's kubeconfig does not exist",
            evidence: `the control plane is initialised, and namespace ${at.plan.namespace} has no Secret ${at.plan.cluster}-kubeconfig`,
            fix: "look why the control plane's controller does not write it again",
            command:
              "kubectl logs -n capi-kubeadm-control-plane-system deployment/capi-kubeadm-control-plane-controller-manager",
          },
        ],
};

/** The certificate in the kubeconfig has ended. */
export const kubeconfigExpired: DiagnosisRule = {
  id: "endpoint/kubeconfig-expired",
  why: "Nobody can reach the cluster with a certificate that has ended, Cluster API neither.",
  fix: "delete the Secret: the control plane's controller writes a new one",
  find: ({ snapshot, plan, now }) =>
    snapshot.workload.credentials
      .filter(({ notAfter }) => notAfter < now)
      .map(({ name: what, object, notAfter }) => ({
        object,
        who: plan.cluster,
        since: notAfter,
        problem:
          what === "ca"
            ? "the cluster's certificate authority has ended"
            : "the kubeconfig's certificate has ended",
        evidence: `valid until ${new Date(notAfter).toISOString()}`,
        fix:
          what === "ca"
            ? "replace the cluster: an authority cannot be renewed in place"
            : "delete the Secret: the control plane's controller writes a new one",
        command: `kubectl -n ${snapshot.namespace} delete secret ${plan.cluster}-kubeconfig`,
      })),
};

/** The API server does not know who asks. */
export const loginRefused = silenceRule({
  id: "endpoint/login-refused",
  why: "A kubeconfig that the API server does not accept belongs to another cluster or another authority.",
  fix: "compare the authority in Secret CLUSTER-kubeconfig with CLUSTER-ca; delete the kubeconfig Secret to have it written anew",
  words: /\b401\b|unauthorized/i,
  problem: (at) => `${name(at)} does not accept the kubeconfig that Cluster API keeps`,
});

/** The API server's own certificate has ended. */
export const servingCertificateExpired = silenceRule({
  id: "endpoint/certificate-expired",
  why: "No client trusts an API server whose certificate has ended.",
  fix: "on each control plane server: kubeadm certs renew all, then restart the static pods",
  words: /certificate has expired|CERT_HAS_EXPIRED/i,
  problem: (at) => `the certificate of ${name(at)} has ended`,
});

/** Somebody else answers at the endpoint. */
export const authorityUnknown = silenceRule({
  id: "endpoint/authority-unknown",
  why: "Another server answers at the endpoint's address, or the cluster was made again with other authorities.",
  fix: "find out who holds the address: arping it from the nodes' network",
  words: /self.signed|unable to verify|unable to get (local )?issuer|does not match certificate/i,
  problem: (at) => `whoever answers at ${name(at)} is not this cluster's API server`,
});

/** The address is there, and no API server behind it. */
export const endpointRefused = silenceRule({
  id: "endpoint/refused",
  why: "A machine holds the address and no API server listens on it.",
  fix: "look at the API server's static pod on the server that holds the address: crictl logs",
  words: /ECONNREFUSED|connection refused/i,
  problem: (at) => `${name(at)} refuses connections: the address is held, but no API server listens`,
  certainty: "likely",
});

/** Nobody answers at the address. */
export const vipHeldByNobody = silenceRule({
  id: "endpoint/vip-held-by-nobody",
  why: "The endpoint is a virtual address; when no machine holds it, nobody answers and nothing is refused.",
  fix: "look at kube-vip on the control plane servers (crictl logs), its interface name, and a second holder of the address",
  words: /did not answer|timed? ?out|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/i,
  problem: (at) => `nobody answers at ${name(at)}: no machine holds the address, or the way there is closed`,
  certainty: "likely",
});

/** The holder of the virtual address has stopped renewing its claim. */
export const vipLeaseStale: DiagnosisRule = {
  id: "endpoint/vip-lease-stale",
  why: "kube-vip that does not renew its lease loses the address at the next election, or nobody takes it over.",
  fix: "look at the logs of the kube-vip pods: rights on leases, time, the API server on their own node",
  find: ({ snapshot, plan, now }) => {
    const lease = named(inWorkload(snapshot, "leases"), "plndr-cp-lock");
    const renewed = text(lease, "spec", "renewTime");
    if (lease === undefined || !isOlder(renewed, 2, now)) return [];
    return [
      {
        object: "Lease/plndr-cp-lock",
        who: plan.cluster,
        ...sinceTime(renewed),
        problem: "the virtual address is held by a machine that has stopped renewing its claim",
        evidence: `holder ${text(lease, "spec", "holderIdentity") ?? "(nobody)"}, renewed ${renewed ?? ""}`,
        fix: "look at the logs of the kube-vip pods: rights on leases, time, the API server on their own node",
        command: "kubectl -n kube-system get pods -o wide | grep kube-vip    (in the workload cluster)",
      },
    ];
  },
};
