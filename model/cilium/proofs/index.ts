import type { Finding } from "../../findings";
import type { CiliumPlan } from "../../plan/plan";
import type { CiliumRender } from "../manifest";
import { accountsBound } from "./accounts-bound";
import { agentApiHost } from "./agent-api-host";
import { agentStarts } from "./agent-starts";
import { agentToleratesAll } from "./agent-tolerates-all";
import { apiHostInline } from "./api-host-inline";
import { apiHostLiteral } from "./api-host-literal";
import { apiPort } from "./api-port";
import { apiUrlsComplete } from "./api-urls-complete";
import { bgpEnabled } from "./bgp-enabled";
import { bgpSecretsReadable } from "./bgp-secrets-readable";
import { bgpStatusReported } from "./bgp-status-reported";
import { clusterId } from "./cluster-id";
import { clusterName } from "./cluster-name";
import { cniBinPath } from "./cni-bin-path";
import { cniBinariesInstalled } from "./cni-binaries-installed";
import { cniExclusive } from "./cni-exclusive";
import { cniWritten } from "./cni-written";
import { crdsCreated } from "./crds-created";
import { directRoutesConsistent } from "./direct-routes-consistent";
import { documentsSeparated } from "./documents-separated";
import { envoyToleratesAll } from "./envoy-tolerates-all";
import { familiesMatch } from "./families-match";
import { fitsConfigmap } from "./fits-configmap";
import { helpersApiHost } from "./helpers-api-host";
import { hostNetwork } from "./host-network";
import { identitiesInCrds } from "./identities-in-crds";
import { ipamMode } from "./ipam-mode";
import { jobsSchedulable } from "./jobs-schedulable";
import { keysUnique } from "./keys-unique";
import { kindsBuiltIn } from "./kinds-built-in";
import { kubeProxyReplaced } from "./kube-proxy-replaced";
import { namespacesExist } from "./namespaces-exist";
import { nativeCidrCovers } from "./native-cidr-covers";
import { noLists } from "./no-lists";
import { noPrivateKeys } from "./no-private-keys";
import { noProxyWait } from "./no-proxy-wait";
import { noSecrets } from "./no-secrets";
import { noWebhooks } from "./no-webhooks";
import { nodeDns } from "./node-dns";
import { nodeMarkedReady } from "./node-marked-ready";
import { nodeRoutes } from "./node-routes";
import { objectsNamed } from "./objects-named";
import { objectsUnique } from "./objects-unique";
import { operatorApiHost } from "./operator-api-host";
import { operatorReplicasFit } from "./operator-replicas-fit";
import { operatorToleratesBootstrap } from "./operator-tolerates-bootstrap";
import { placementUnrestricted } from "./placement-unrestricted";
import { podPoolsPlanned } from "./pod-pools-planned";
import { priorityClass } from "./priority-class";
import { referencesPresent } from "./references-present";
import { routingMode } from "./routing-mode";
import { secretsNotRequired } from "./secrets-not-required";
import { settingsNotOverridden } from "./settings-not-overridden";
import { taintKeyMatches } from "./taint-key-matches";
import { taintsRemoved } from "./taints-removed";
import { variablesUnique } from "./variables-unique";
import { versionMatches } from "./version-matches";
import { workloadsPresent } from "./workloads-present";
import { yamlReadable } from "./yaml-readable";
import { type Proof, findingsOf } from "./proof";

/** Every proof, in the order of the report; this list is their documentation. */
export const proofs: readonly Proof[] = [
  // what Cluster API does with the payload
  yamlReadable,
  keysUnique,
  documentsSeparated,
  fitsConfigmap,
  noSecrets,
  noPrivateKeys,
  objectsNamed,
  objectsUnique,
  noLists,
  kindsBuiltIn,
  namespacesExist,
  referencesPresent,
  secretsNotRequired,
  accountsBound,
  noWebhooks,
  // pods that run before there is a network
  workloadsPresent,
  versionMatches,
  operatorReplicasFit,
  hostNetwork,
  priorityClass,
  nodeDns,
  placementUnrestricted,
  agentToleratesAll,
  operatorToleratesBootstrap,
  envoyToleratesAll,
  jobsSchedulable,
  noProxyWait,
  variablesUnique,
  settingsNotOverridden,
  // how they reach the API server
  agentApiHost,
  operatorApiHost,
  helpersApiHost,
  apiPort,
  apiHostLiteral,
  apiHostInline,
  apiUrlsComplete,
  // what the agent and its operator are told
  kubeProxyReplaced,
  crdsCreated,
  identitiesInCrds,
  cniWritten,
  cniBinariesInstalled,
  cniBinPath,
  cniExclusive,
  nodeMarkedReady,
  taintsRemoved,
  taintKeyMatches,
  clusterName,
  clusterId,
  familiesMatch,
  routingMode,
  nativeCidrCovers,
  nodeRoutes,
  directRoutesConsistent,
  ipamMode,
  podPoolsPlanned,
  bgpEnabled,
  bgpStatusReported,
  bgpSecretsReadable,
  agentStarts,
];

/** Tries every proof; an unreadable text is reported alone, because nothing else can be said about it. */
export function proveRender(render: CiliumRender, plan: CiliumPlan): readonly Finding[] {
  const unreadable = findingsOf(yamlReadable, render, plan);
  return unreadable.length > 0 ? unreadable : proofs.flatMap((proof) => findingsOf(proof, render, plan));
}
