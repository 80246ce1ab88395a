import type { CauseRule } from "../readiness/cause";
import * as waiting from "../readiness/causes";
import type { DiagnosisRule } from "./case";
import * as bgp from "./causes/bgp";
import * as cilium from "./causes/cilium";
import * as cluster from "./causes/cluster";
import * as controlPlane from "./causes/control-plane";
import * as endpoint from "./causes/endpoint";
import * as hosts from "./causes/hosts";
import * as machines from "./causes/machines";
import * as management from "./causes/management";
import * as nodes from "./causes/nodes";
import * as remediation from "./causes/remediation";
import * as resourceSet from "./causes/resource-set";
import { waited } from "./waited";

/** One step of the way from the management cluster to the sessions, with its causes, the most telling first. */
export interface Stage {
  readonly name: string;
  /** Which cluster must answer before the stage can be judged. */
  readonly needs: "none" | "management" | "workload";
  readonly rules: readonly DiagnosisRule[];
}

/** The waiting program's rules of these ids, in that order. */
function shared(...ids: readonly string[]): readonly DiagnosisRule[] {
  return ids.map((id) => {
    const rule = waiting.causeRules.find((each: CauseRule) => each.id === id);
    if (rule === undefined) throw new Error(`no cause has the id ${id}`);
    return waited(rule);
  });
}

/**
 * Every cause, in the order in which one thing rests on another: what stands earlier explains what stands later, so the
 * first that holds is the diagnosis.
 */
export const stages: readonly Stage[] = [
  {
    name: "management cluster",
    needs: "none",
    rules: [
      ...shared("management/unreachable", "management/refused"),
      management.webhookUntrusted,
      management.webhookUnreachable,
    ],
  },
  {
    name: "Cluster",
    needs: "management",
    rules: [
      ...shared("cluster/not-reconciled"),
      cluster.partMissing,
      cluster.templateMissing,
      cluster.objectPaused,
      cluster.controllerSilent,
    ],
  },
  {
    name: "hosts and BMCs",
    needs: "management",
    rules: [
      ...shared("hosts/absent"),
      hosts.hostLeaving,
      hosts.hostPaused,
      hosts.hostDetached,
      hosts.hostUnmanaged,
      hosts.credentialsMissing,
      ...shared(
        "hosts/bmc-credentials-refused",
        "hosts/image-checksum-mismatch",
        "hosts/registration-failed",
        "hosts/inspection-failed",
        "hosts/preparation-failed",
        "hosts/provisioning-failed",
        "hosts/power-failed",
      ),
      hosts.claimStale,
      hosts.claimForeign,
      ...shared("machines/remediation-given-up"),
      hosts.hostUnhealthy,
      hosts.inspectionStuck,
      hosts.provisioningStuck,
      hosts.deprovisioningStuck,
    ],
  },
  {
    name: "control plane",
    needs: "management",
    rules: [
      controlPlane.quorumLost,
      controlPlane.certificatesExpired,
      controlPlane.etcdAlarm,
      controlPlane.learnerStuck,
      controlPlane.vipAddressInvalid,
      controlPlane.vipUnprivileged,
      hosts.poweredOff,
    ],
  },
  {
    name: "machines",
    needs: "management",
    rules: [
      ...shared("machines/webhook-refused", "hosts/none-matches", "machines/bootstrap-config-gone"),
      machines.drainBlocked,
      machines.volumesAttached,
      machines.hookHolds,
      machines.deletionStuck,
      machines.bootstrapFailed,
      machines.addressesExhausted,
      machines.dataFailed,
      machines.startupTimeoutShort,
    ],
  },
  {
    name: "API server",
    needs: "management",
    rules: [
      endpoint.kubeconfigMissing,
      endpoint.kubeconfigExpired,
      endpoint.loginRefused,
      endpoint.servingCertificateExpired,
      endpoint.authorityUnknown,
      endpoint.endpointRefused,
      endpoint.vipHeldByNobody,
      endpoint.vipLeaseStale,
    ],
  },
  {
    name: "resource set",
    needs: "management",
    rules: [
      ...shared(
        "resource-set/payload-missing",
        "resource-set/payload-wrong-type",
        "resource-set/cluster-not-selected",
      ),
      resourceSet.resourceSetSilent,
      resourceSet.applyFailed,
    ],
  },
  {
    name: "nodes",
    needs: "management",
    rules: [
      machines.linksUnordered,
      machines.nodeUnlinked,
      machines.providerMismatch,
      machines.notJoined,
      nodes.kubeletSilent,
      nodes.nodePressure,
      nodes.nodeUninitialised,
      nodes.podCidrMissing,
      machines.remediationStopped,
    ],
  },
  {
    name: "Cilium",
    needs: "workload",
    rules: [
      cilium.agentEndpointWrong,
      cilium.operatorUnschedulable,
      ...shared("nodes/cni-absent", "cilium/workload-missing"),
      nodes.registryUnresolved,
      ...shared("cilium/image-not-pulled", "cilium/crash-looping", "nodes/agent-absent"),
      cilium.definitionsMissing,
      cilium.nodeAddressesFailed,
      cilium.kubeProxyBeside,
    ],
  },
  {
    name: "BGP",
    needs: "workload",
    rules: [
      bgp.bgpDisabled,
      ...shared(
        "bgp/no-matching-node",
        "bgp/config-conflict",
        "bgp/peer-config-missing",
        "bgp/auth-secret-missing",
      ),
      bgp.nodeConfigMissing,
      bgp.reconcileFailed,
      ...shared("bgp/node-inside-range", "bgp/prefixes-below-maximum"),
      ...bgp.sessionRules,
      bgp.poolConflict,
    ],
  },
  {
    name: "changes that do not take effect",
    needs: "management",
    rules: [
      resourceSet.payloadChanged,
      machines.templateEdited,
      hosts.networkDataUnused,
      remediation.remediationOrphaned,
    ],
  },
];

/** Every cause that a diagnosis can name. */
export const diagnosisRules: readonly DiagnosisRule[] = stages.flatMap(({ rules }) => rules);
