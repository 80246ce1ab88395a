import type { FieldChange, Level } from "./change";
import { replacesMachines } from "./machines";

/** What a change of a field of a management object does. */
export interface FieldRule {
  /** The kinds it is about. */
  readonly kinds: readonly string[];
  /** The fields it is about. */
  readonly path: RegExp;
  /** Holds only for such a change of the field. */
  readonly when?: (change: Values) => boolean;
  /** Holds only for hosts that run a system of their own. */
  readonly adopted?: true;
  readonly level: Level;
  readonly effect: string;
}

/** The lines of a field before and after. */
type Values = Pick<FieldChange, "before" | "after">;

/** The number that a field ends in; a field that is not there has none. */
function numberIn(lines: readonly string[]): number | undefined {
  const digits = /(\d+)"?$/.exec(lines.at(-1) ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether a number comes, or becomes a larger one. */
function isRaised({ before, after }: Values): boolean {
  const [old, fresh] = [numberIn(before), numberIn(after)];
  return fresh !== undefined && (old === undefined || fresh > old);
}

/** Whether a time limit goes, which 0 stands for, or becomes a longer one. */
function isLonger({ before, after }: Values): boolean {
  const [old, fresh] = [numberIn(before) ?? 0, numberIn(after) ?? 0];
  return old !== 0 && (fresh === 0 || fresh > old);
}

/**
 * Fields whose change does something other than taking effect in place at once; the first rule that fits holds. What
 * replaces machines is decided by {@link replacesMachines}.
 */
const fieldRules: readonly FieldRule[] = [
  {
    kinds: ["MachineDeployment"],
    path: /^spec\.replicas$/,
    when: ({ before, after }) => before.length > 0 && after.length === 0,
    level: "none",
    effect:
      "the cluster autoscaler decides the number of machines; one outside its bounds is brought between them",
  },
  {
    kinds: ["MachineDeployment"],
    // The first annotations of an object are one field.
    path: /^metadata\.annotations(\["cluster\.x-k8s\.io\/cluster-api-autoscaler-|$)/,
    when: ({ after }) => after.length === 0,
    level: "medium",
    effect: "the cluster autoscaler leaves the pool alone: the stack file decides the number of machines",
  },
  {
    kinds: ["MachineDeployment"],
    // The first annotations of an object are one field.
    path: /^metadata\.annotations(\["cluster\.x-k8s\.io\/cluster-api-autoscaler-|$)/,
    level: "medium",
    effect: "in place: a bound of the cluster autoscaler, which wipes disks when it adds or removes machines",
  },
  {
    kinds: ["MachineDeployment"],
    path: /^metadata\.annotations\["capacity\.cluster-autoscaler\.kubernetes\.io\//,
    level: "low",
    effect: "in place: what the cluster autoscaler assumes of a machine while the pool has none",
  },
  {
    kinds: ["KubeadmControlPlane", "MachineDeployment"],
    path: /^spec\.replicas$/,
    level: "none",
    effect: "machines come or go",
  },
  {
    kinds: ["KubeadmControlPlane"],
    // Rated with the machines.
    path: /^spec\.rollout\.before\b/,
    when: isRaised,
    level: "none",
    effect: "machines whose certificates end within these days are replaced at once",
  },
  {
    kinds: ["KubeadmControlPlane"],
    path: /^spec\.rollout\.before\b/,
    level: "medium",
    effect: "machines are replaced later before their certificates end; without a value they are not",
  },
  {
    kinds: ["KubeadmControlPlane", "MachineDeployment"],
    path: /^spec\.rollout\b/,
    level: "low",
    effect: "in place: holds from the next replacement of machines",
  },
  {
    kinds: ["KubeadmControlPlane", "MachineDeployment"],
    path: /\bdeletion\b/,
    level: "low",
    effect: "in place: Cluster API copies it to the running machines",
  },
  {
    kinds: ["MachineDeployment"],
    path: /^spec\.(selector|clusterName)\b/,
    level: "high",
    effect: "refused: Cluster API does not allow a change",
  },
  {
    kinds: ["Metal3Cluster"],
    path: /^spec\.controlPlaneEndpoint\b/,
    level: "high",
    effect:
      "a running cluster does not move: its certificates, kubeconfigs and kubelets keep the old address",
  },
  {
    kinds: ["Cluster"],
    path: /^spec\.clusterNetwork\b/,
    level: "high",
    effect: "a running cluster keeps its networks: only a new cluster gets these",
  },
  {
    kinds: ["Cluster"],
    path: /^spec\.(infrastructureRef|controlPlaneRef)\b/,
    level: "high",
    effect: "another object becomes the control plane or the infrastructure of the running cluster",
  },
  {
    kinds: ["IPPool"],
    path: /^spec\.(namePrefix|allocationStrategy|clusterName)$/,
    level: "high",
    effect: "refused: Metal3 does not allow a change",
  },
  {
    kinds: ["IPPool"],
    path: /^spec\.pools\b/,
    level: "medium",
    effect: "in place; refused while an address in use would be left out",
  },
  {
    kinds: ["IPPool"],
    path: /^spec\./,
    level: "medium",
    effect: "in place: machines that are made from now on get it",
  },
  {
    kinds: ["ClusterResourceSet"],
    path: /^spec\.(strategy|clusterSelector)\b/,
    level: "high",
    effect: "refused: Cluster API does not allow a change",
  },
  {
    kinds: ["Metal3MachineTemplate"],
    path: /^spec\.nodeReuse$/,
    level: "medium",
    effect:
      "in place: whether the next replacement of a machine returns to its host, and to what is on its disks",
  },
  {
    kinds: ["MachineHealthCheck"],
    path: /^spec\.remediation\.templateRef\b/,
    when: ({ after }) => after.length === 0,
    level: "high",
    effect: "unhealthy machines are replaced, which wipes their disks, and no longer rebooted",
  },
  {
    kinds: ["MachineHealthCheck"],
    path: /^spec\.checks\.(nodeStartupTimeoutSeconds|unhealthyNodeConditions\[\]\.timeoutSeconds)$/,
    when: isLonger,
    level: "low",
    effect: "in place: holds from the next unhealthy machine",
  },
  {
    kinds: ["MachineHealthCheck"],
    path: /^spec\.(checks|remediation\.triggerIf)\b/,
    level: "medium",
    effect: "in place: machines that count as unhealthy by this are rebooted or replaced at once",
  },
  {
    kinds: ["MachineHealthCheck", "Metal3RemediationTemplate"],
    path: /^spec\./,
    level: "low",
    effect: "in place: holds from the next unhealthy machine",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.bootMACAddress$/,
    level: "high",
    effect: "refused: Metal3 does not allow a change; remove the host and add it again",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.bmc\.address$/,
    level: "high",
    effect:
      "refused while the host is in use: Metal3 takes it only before a host is registered, or when it is detached",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.bmc\.disableCertificateVerification$/,
    level: "medium",
    effect:
      "in place: whether the BMC's certificate is verified; without that, the login goes to any machine that answers under the address",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.bmc\.login\b/,
    level: "medium",
    effect:
      "in place: the host is registered again with another login; its machine runs on, and is not managed while the BMC refuses the login",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.bmc\./,
    level: "low",
    effect: "in place: the host is registered again, its machine runs on",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.automatedCleaningMode$/,
    when: ({ after }) => !after.includes("disabled"),
    level: "medium",
    effect:
      "the next time that the host is given back, the partition tables of all its disks are erased: so does a health check that replaces its machine",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.automatedCleaningMode$/,
    level: "low",
    effect: "in place: holds from the next time that the host is given back",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.rootDeviceHints\b/,
    level: "medium",
    effect: "the next image is written to this disk; what runs stays where it is",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.online$/,
    adopted: true,
    when: ({ after }) => after.some((line) => line.includes("false")),
    level: "high",
    effect:
      "the server is switched off: the system of its own that runs on it ends, and nothing refuses that",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.online$/,
    adopted: true,
    level: "medium",
    effect: "Metal3 switches the server on, and the system on its disks starts; no machine gets it",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.online$/,
    when: ({ after }) => after.some((line) => line.includes("false")),
    level: "medium",
    effect: "the server is switched off, and no machine gets it; refused while a machine runs on it",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.online$/,
    level: "low",
    effect: "the host is in service again; Metal3 switches it on",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.externallyProvisioned$/,
    when: ({ after }) => after.length > 0,
    level: "medium",
    effect:
      "Metal3 leaves the disks of the host alone and manages its power; refused unless the host is new or available",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.externallyProvisioned$/,
    level: "high",
    effect: "the host is deprovisioned: the system that runs on it ends, and what is on its disks is lost",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^metadata\.labels\["metal\.internal\/pool"\]$/,
    when: ({ before, after }) => before.length > 0 && after.length === 0,
    level: "none",
    effect: "in place: machines no longer select the host",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^metadata\.labels\["metal\.internal\/pool"\]$/,
    when: ({ before, after }) => before.length === 0 && after.length > 0,
    level: "none",
    effect: "in place: machines of the pool may get the host",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^metadata\.annotations\["metal\.internal\/pool"\]$/,
    level: "none",
    effect: "in place: the pool of a host that is out of service",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^metadata\.labels\["metal\.internal\/pool"\]$/,
    level: "medium",
    effect: "the host counts for the new pool once it is free; its running machine stays in the old one",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.raid\b/,
    level: "medium",
    effect:
      "the next time that the host is prepared, its volumes are made again: what is on its disks is lost",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.bootMode$/,
    when: ({ before, after }) => before.includes("UEFISecureBoot") && !after.includes("UEFISecureBoot"),
    level: "high",
    effect: "Secure Boot is switched off the next time that the host gets an image: it then starts any image",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.bootMode$/,
    level: "medium",
    effect:
      "another boot mode from the next time that the host gets an image; its running machine keeps what it has",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.(networkData|installerNetworkData)\b/,
    level: "medium",
    effect:
      "another network, gateway or DNS from the next time that the host gets an image; its running machine keeps what it has",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^spec\.preprovisioningNetworkDataName$/,
    level: "medium",
    effect:
      "another Secret has the network of the installer, which no comparison shows: it holds from its next start",
  },
  {
    kinds: ["BareMetalHost"],
    path: /^metadata\.annotations\["metal\.internal\//,
    level: "low",
    effect: "holds from the next time that the host gets an image; its running machine keeps what it has",
  },
  {
    kinds: ["KubeadmControlPlane", "MachineDeployment"],
    // By these the control plane's components, policies and operators choose nodes.
    path: /\blabels\["(?:node-role\.kubernetes\.io|(?:[^"]+\.)?node-restriction\.kubernetes\.io)(?:\/|")/,
    level: "medium",
    effect:
      "in place: Cluster API gives the running nodes another role, by which pods and policies choose them",
  },
];

const inPlace: Pick<FieldRule, "level" | "effect"> = { level: "low", effect: "in place: nothing restarts" };

/**
 * What a change of one field does; undefined where it replaces machines, which is reported elsewhere. An adopted host runs a system
 * of its own.
 */
export function ruleOf(
  kind: string,
  path: string,
  change: Values = { before: [], after: [] },
  isAdopted = false,
): Pick<FieldRule, "level" | "effect"> | undefined {
  if (replacesMachines(kind, path)) return undefined;
  const rule = fieldRules.find(
    ({ kinds, path: of, when, adopted = false }) =>
      kinds.includes(kind) && of.test(path) && (isAdopted || !adopted) && when?.(change) !== false,
  );
  return rule === undefined ? inPlace : { level: rule.level, effect: rule.effect };
}
