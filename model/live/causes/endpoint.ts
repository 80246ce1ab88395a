import { inWorkload, named } from "../snapshot";
import {
  type CauseRule,
  type DiagnosisCase,
  type SnapshotCause,
  type Symptom,
  isInitialised,
  isOlder,
  sinceTime,
} from "./cause";

const name = ({ plan }: DiagnosisCase) => `${plan.endpoint.host}:${plan.endpoint.port}`;

/** Why the workload cluster cannot be queried, including a refusal of every part. */
function failureOf({ snapshot }: DiagnosisCase): string {
  const { trouble, parts } = snapshot.workload;
  if (trouble !== undefined) return trouble.message;
  const refused = Object.values(parts).filter(({ unread }) => unread?.status === 401);
  return refused.length === Object.keys(parts).length ? "HTTP 401 Unauthorized" : "";
}

/** A cause that shows in the error of the connection to the endpoint. */
function connectionCause({
  error,
  problem,
  certainty,
  ...texts
}: Omit<SnapshotCause, "find"> & {
  readonly error: RegExp;
  readonly problem: (endpoint: string) => string;
  readonly certainty?: Symptom["certainty"];
}): SnapshotCause {
  return {
    ...texts,
    find(at) {
      // Before the control plane is initialised it is normal that nothing answers.
      if (!isInitialised(at) || !error.test(failureOf(at))) return [];
      return [
        {
          object: `Cluster/${at.plan.cluster}`,
          who: at.plan.cluster,
          ...(certainty === undefined ? {} : { certainty }),
          problem: problem(name(at)),
          evidence: failureOf(at),
          command: `curl -k https://${name(at)}/readyz`,
        },
      ];
    },
  };
}

/** Causes on the way to the workload cluster's API server. */
export const endpointCauses: readonly CauseRule[] = [
  {
    id: "endpoint/kubeconfig-missing",
    summary: "The Secret with the workload cluster's kubeconfig does not exist.",
    why: "Cluster API and metal reach the workload cluster with that Secret only.",
    fix: "check the logs of the control plane's controller, which writes the Secret again at its next reconciliation",
    find: (at) =>
      at.snapshot.workload.kubeconfig !== false || !isInitialised(at)
        ? []
        : [
            {
              object: `Secret/${at.plan.cluster}-kubeconfig`,
              who: at.plan.cluster,
              problem: "the Secret with the workload cluster's kubeconfig does not exist",
              evidence: `the control plane is initialised, and namespace ${at.plan.namespace} has no Secret ${at.plan.cluster}-kubeconfig`,
              command:
                "kubectl logs -n capi-kubeadm-control-plane-system deployment/capi-kubeadm-control-plane-controller-manager",
            },
          ],
  },
  {
    id: "endpoint/kubeconfig-expired",
    summary: "A certificate in the kubeconfig has expired.",
    why: "No client can reach the cluster with an expired certificate, including Cluster API.",
    fix: "delete the Secret; the control plane's controller writes a new one",
    find: ({ snapshot, plan, now }) =>
      snapshot.workload.credentials
        .filter(({ notAfter }) => notAfter < now)
        .map(({ name: credential, object, notAfter }) => ({
          object,
          who: plan.cluster,
          since: notAfter,
          problem:
            credential === "ca"
              ? "the cluster's certificate authority has expired"
              : "the kubeconfig's certificate has expired",
          evidence: `valid until ${new Date(notAfter).toISOString()}`,
          ...(credential === "ca"
            ? { fix: "replace the cluster: a certificate authority cannot be renewed in place" }
            : {}),
          command: `kubectl -n ${snapshot.namespace} delete secret ${plan.cluster}-kubeconfig`,
        })),
  },
  connectionCause({
    id: "endpoint/login-refused",
    summary: "The API server does not accept the kubeconfig.",
    why: "A kubeconfig that the API server does not accept belongs to another cluster or another authority.",
    fix: "compare the authority in Secret CLUSTER-kubeconfig with CLUSTER-ca; delete the kubeconfig Secret to have it written again",
    error: /\b401\b|unauthorized/i,
    problem: (endpoint) => `${endpoint} does not accept the kubeconfig that Cluster API keeps`,
  }),
  connectionCause({
    id: "endpoint/certificate-expired",
    summary: "The API server's serving certificate has expired.",
    why: "No client trusts an API server whose certificate has expired.",
    fix: "on each control plane server: kubeadm certs renew all, then restart the static pods",
    error: /certificate has expired|CERT_HAS_EXPIRED/i,
    problem: (endpoint) => `the certificate of ${endpoint} has expired`,
  }),
  connectionCause({
    id: "endpoint/authority-unknown",
    summary: "The server at the endpoint has a certificate of another authority.",
    why: "Another server answers at the endpoint's address, or the cluster was created again with other authorities.",
    fix: "find out which machine holds the address: arping it from the nodes' network",
    error: /self.signed|unable to verify|unable to get (local )?issuer|does not match certificate/i,
    problem: (endpoint) => `the server at ${endpoint} is not this cluster's API server`,
  }),
  connectionCause({
    id: "endpoint/refused",
    summary: "The endpoint refuses connections.",
    why: "A machine holds the address and no API server listens on it.",
    fix: "check the API server's static pod on the server that holds the address: crictl logs",
    error: /ECONNREFUSED|connection refused/i,
    problem: (endpoint) => `${endpoint} refuses connections: the address is held, but no API server listens`,
    certainty: "likely",
  }),
  connectionCause({
    id: "endpoint/vip-held-by-nobody",
    summary: "The endpoint does not answer.",
    why: "The endpoint is a virtual address; when no machine holds it, connections time out instead of being refused.",
    fix: "check kube-vip on the control plane servers (crictl logs), its interface name, and a second holder of the address; with bgp.endpoint its sessions, which the routers show",
    error: /did not answer|timed? ?out|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/i,
    problem: (endpoint) =>
      `${endpoint} does not answer: no machine holds the address, or the network path is closed`,
    certainty: "likely",
  }),
  {
    id: "endpoint/vip-lease-stale",
    summary: "The holder of the virtual address does not renew its lease.",
    why: "kube-vip that does not renew its lease loses the address at the next election, and another machine may not take it.",
    fix: "check the logs of the kube-vip pods: permissions on leases, time, the API server on their own node",
    find: ({ snapshot, plan, now }) => {
      const lease = named(inWorkload(snapshot, "leases"), "plndr-cp-lock");
      const renewed = lease?.spec?.renewTime;
      if (lease === undefined || !isOlder(renewed, 2, now)) return [];
      return [
        {
          object: "Lease/plndr-cp-lock",
          who: plan.cluster,
          ...sinceTime(renewed),
          problem: "the machine that holds the virtual address does not renew its lease",
          evidence: `holder ${lease.spec?.holderIdentity ?? "(none)"}, renewed ${renewed ?? ""}`,
          command: "kubectl -n kube-system get pods -o wide | grep kube-vip    (in the workload cluster)",
        },
      ];
    },
  },
];
