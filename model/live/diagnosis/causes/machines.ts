import { type KubernetesObject, field, list, number, text } from "../../../kubernetes/object";
import { inManagement, inWorkload } from "../../snapshot";
import { nodeAddressAnnotation } from "../../../kubernetes/labels";
import { type Condition, condition } from "../../../kubernetes/condition";
import type { HostState } from "../../readiness/host-state";
import { type DiagnosisCase, type DiagnosisRule, type Symptom, about, isOlder, sinceTime } from "../case";

const machinesOf = ({ snapshot }: DiagnosisCase) => inManagement(snapshot, "machines");

/** What Cluster API says about a deletion that takes time. */
function deleting(machine: KubernetesObject): Condition | undefined {
  if (machine.metadata.deletionTimestamp === undefined) return undefined;
  return condition(machine, "Deleting");
}

interface DeletionRule {
  readonly id: string;
  readonly why: string;
  readonly fix: string;
  readonly problem: string;
  readonly holds: (says: Condition, machine: KubernetesObject) => boolean;
  readonly command: (machine: KubernetesObject) => string;
}

function deletionRule({ problem, holds, command, ...rule }: DeletionRule): DiagnosisRule {
  return {
    ...rule,
    find: (at) =>
      machinesOf(at).flatMap((machine): readonly Symptom[] => {
        const says = deleting(machine);
        if (says === undefined || !holds(says, machine)) return [];
        return [
          {
            ...about(machine),
            ...sinceTime(machine.metadata.deletionTimestamp),
            problem: `machine ${machine.metadata.name} ${problem}`,
            evidence: `Deleting ${says.reason}: "${says.message}"`,
            fix: rule.fix,
            command: command(machine),
          },
        ];
      }),
  };
}

const isBudget = ({ message }: Condition) => /disruption budget|PodDisruptionBudget/i.test(message);
const isVolumes = ({ reason, message }: Condition) =>
  /VolumeDetach/.test(reason) || /volumes? .*attached/i.test(message);
const isHook = ({ reason }: Condition) => /Waiting(Pre|ForPre)(Drain|Terminate)Hook/.test(reason);

/** A PodDisruptionBudget allows no eviction, so the node cannot be drained. */
export const drainBlocked = deletionRule({
  id: "machines/drain-blocked",
  why: "A budget that allows no disruption keeps its pods, and their node, until nodeDrainTimeoutSeconds is over.",
  fix: "let the workload have one more ready pod elsewhere, or loosen its PodDisruptionBudget",
  problem: "cannot be drained: a PodDisruptionBudget allows no eviction",
  holds: isBudget,
  command: () => "kubectl get poddisruptionbudgets -A    (in the workload cluster)",
});

/** A volume stays attached to the node. */
export const volumesAttached = deletionRule({
  id: "machines/volumes-attached",
  why: "Cluster API waits for every volume to be detached before it frees the host.",
  fix: "see why the storage driver does not detach the volume; its controller may be down",
  problem: "waits for volumes to be detached",
  holds: isVolumes,
  command: () => "kubectl get volumeattachments    (in the workload cluster)",
});

/** Somebody's hook holds the deletion; the control plane's own is not one. */
export const hookHolds = deletionRule({
  id: "machines/deletion-hook-holds",
  why: "A machine with a deletion hook stays until whoever set the hook removes it.",
  fix: "let the owner of the hook do its work, or remove the annotation once you know that it is done",
  problem: "is held by a deletion hook",
  holds: (says, machine) =>
    isHook(says) &&
    Object.keys(machine.metadata.annotations ?? {}).some(
      (name) => /^pre-(drain|terminate)\.delete\.hook/.test(name) && !name.endsWith("/kcp-cleanup"),
    ),
  command: ({ metadata }) =>
    `kubectl -n ${metadata.namespace ?? ""} get machine ${metadata.name} -o jsonpath='{.metadata.annotations}'`,
});

/** A deletion that takes long for another reason. */
export const deletionStuck: DiagnosisRule = {
  id: "machines/deletion-stuck",
  why: "Cleaning, draining and detaching together take less; something that has to happen does not happen.",
  fix: "look at what the condition Deleting names; never remove a finalizer by hand: the host would stay claimed",
  find: (at) =>
    machinesOf(at)
      .filter((machine) => isOlder(machine.metadata.deletionTimestamp, 90, at.now))
      .filter(
        (machine) => ![isBudget, isVolumes, isHook].some((known) => known(deleting(machine) ?? nothing)),
      )
      .map((machine) => ({
        ...about(machine),
        ...sinceTime(machine.metadata.deletionTimestamp),
        certainty: "likely" as const,
        problem: `machine ${machine.metadata.name} has been being deleted for more than 90 minutes`,
        evidence: `Deleting ${deleting(machine)?.reason ?? "(no condition)"}: "${deleting(machine)?.message ?? ""}"; finalizers ${(machine.metadata.finalizers ?? []).join(", ")}`,
        fix: "look at what the condition names; never remove a finalizer by hand: the host would stay claimed",
      })),
};

const nothing: Condition = { type: "", status: "", reason: "", message: "" };

/** No bootstrap data can be made for a machine. */
export const bootstrapFailed: DiagnosisRule = {
  id: "machines/bootstrap-failed",
  why: "Without bootstrap data no host is taken for the machine.",
  fix: "correct what the message names in the stack file, then pulumi up",
  find: ({ snapshot }) =>
    inManagement(snapshot, "kubeadmConfigs").flatMap((config): readonly Symptom[] => {
      const says = condition(config, "DataSecretAvailable") ?? condition(config, "Ready");
      if (says?.status !== "False" || !/Failed|Error/.test(says.reason)) return [];
      return [
        {
          ...about(config),
          ...sinceTime(says.lastTransitionTime),
          problem: `no bootstrap data can be made for ${config.metadata.name}`,
          evidence: `${says.type} ${says.reason}: "${says.message}"`,
          fix: "correct what the message names in the stack file, then pulumi up",
        },
      ];
    }),
};

/** An address pool has nothing left. */
export const addressesExhausted: DiagnosisRule = {
  id: "machines/addresses-exhausted",
  why: "A machine whose node gets no address from the pool is never provisioned, and Metal3 tries a refused claim only after its error is removed.",
  fix: "widen network.addressPool in the stack file, then pulumi up, which has the claims tried again",
  find: ({ snapshot }) =>
    [...inManagement(snapshot, "ipClaims"), ...inManagement(snapshot, "datas")].flatMap(
      (claim): readonly Symptom[] => {
        const message = text(claim, "status", "errorMessage") ?? "";
        if (!/exhausted/i.test(message)) return [];
        const pool = text(claim, "spec", "pool", "name");
        return [
          {
            ...about(claim),
            problem: pool === undefined ? "an address pool is used up" : `address pool ${pool} is used up`,
            evidence: `"${message}"`,
            fix: "widen network.addressPool in the stack file, then pulumi up, which has the claims tried again",
            command: `kubectl -n ${snapshot.namespace} get ippools,ipclaims,ipaddresses`,
          },
        ];
      },
    ),
};

/** The machine's data cannot be rendered; among others because the host has no interface of the name. */
export const dataFailed: DiagnosisRule = {
  id: "machines/data-not-rendered",
  why: "A machine without its metadata and network data is never provisioned.",
  fix: "correct the interface names of the host in the stack file: npm run metal -- preflight --only hosts",
  find: ({ snapshot }) =>
    inManagement(snapshot, "datas").flatMap((data): readonly Symptom[] => {
      const message = text(data, "status", "errorMessage") ?? "";
      if (message === "" || /exhausted/i.test(message)) return [];
      const interfaceUnknown = /nic|interface/i.test(message);
      return [
        {
          ...about(data),
          problem: interfaceUnknown
            ? "the host has no interface of the name that the network data asks for"
            : "the machine's metadata or network data cannot be rendered",
          evidence: `"${message}"`,
          fix: interfaceUnknown
            ? "write the interface's real name, as the inspection found it, into the stack file"
            : "correct what the message names in the stack file, then pulumi up",
          command: `kubectl -n ${snapshot.namespace} get hardwaredata -o yaml`,
        },
      ];
    }),
};

const linkRanks = ["ethernets", "bonds", "vlans"];

/** A link of the network data stands on one that is rendered after it. */
export const linksUnordered: DiagnosisRule = {
  id: "machines/network-links-unordered",
  why: "Metal3 renders ethernets, then bonds, then VLANs; cloud-init turns a link that is not there yet into an interface named None.",
  fix: "put VLANs on bonds and bonds on ethernets, never the other way round",
  find: ({ snapshot }) =>
    inManagement(snapshot, "dataTemplates").flatMap((template): readonly Symptom[] => {
      const links = field(template, "spec", "networkData", "links");
      const ranks = new Map(
        linkRanks.flatMap((kind, rank) =>
          list(links, kind).map((link) => [text(link, "id") ?? "", rank] as const),
        ),
      );
      const wrong = linkRanks.flatMap((kind, rank) =>
        list(links, kind).flatMap((link) =>
          [...list(link, "bondLinks"), ...[field(link, "vlanLink")].filter((on) => on !== undefined)]
            .filter((on) => (ranks.get(String(on)) ?? 9) >= rank)
            .map((on) => `${text(link, "id") ?? kind} stands on ${String(on)}`),
        ),
      );
      return wrong.length === 0
        ? []
        : [
            {
              ...about(template),
              problem: "the network data has links in an order that cannot be rendered",
              evidence: wrong.join(", "),
              fix: "put VLANs on bonds and bonds on ethernets, never the other way round",
            },
          ];
    }),
};

/** The node carries another providerID than its machine. */
export const providerMismatch: DiagnosisRule = {
  id: "machines/provider-id-mismatch",
  why: "Cluster API finds a machine's node by its providerID, and nobody changes one that is set.",
  fix: "delete the Node object; its kubelet registers it again without a providerID, and Metal3 sets the right one",
  find: (at) =>
    at.hosts.flatMap((host): readonly Symptom[] => {
      const { node, machine } = host;
      const own = text(node, "spec", "providerID") ?? "";
      const wanted =
        text(machine, "spec", "providerID") ??
        `metal3://${at.plan.namespace}/${host.name}/${machine?.metadata.name ?? ""}`;
      if (node === undefined || machine === undefined || own === "" || own === wanted) return [];
      return [
        {
          ...about(node),
          problem: `node ${node.metadata.name} has the providerID of another machine`,
          evidence: `node ${own}, machine ${wanted}`,
          fix: "delete the Node object; its kubelet registers it again, and Metal3 sets the right one",
          command: `kubectl delete node ${node.metadata.name}    (in the workload cluster)`,
        },
      ];
    }),
};

/** Hosts whose image is written and whose machine has never had a node. */
const nodeless = ({ hosts }: DiagnosisCase): readonly HostState[] =>
  hosts.filter(
    ({ phase, machine, host }) =>
      phase === "boot" &&
      machine !== undefined &&
      field(machine, "status", "nodeRef") === undefined &&
      field(host, "status", "poweredOn") !== false,
  );

/** The node is there, under a name or without the label by which Metal3 finds it. */
export const nodeUnlinked: DiagnosisRule = {
  id: "machines/node-unlinked",
  why: "Metal3 looks for the node by label metal3.io/uuid, Cluster API by providerID; a node with neither belongs to nobody.",
  fix: "let the kubelet register with the name and labels that the stack writes; a changed image may override them",
  find: (at) =>
    nodeless(at).flatMap((host): readonly Symptom[] => {
      const address = host.host?.metadata.annotations?.[nodeAddressAnnotation];
      const node = inWorkload(at.snapshot, "nodes").find(
        (each) =>
          each.metadata.name === host.machine?.metadata.name ||
          (address !== undefined &&
            list(each, "status", "addresses").some((entry) => text(entry, "address") === address)),
      );
      if (node === undefined) return [];
      return [
        {
          ...about(node),
          problem: `node ${node.metadata.name} runs on ${host.name}, but neither its name nor a label says so`,
          evidence: `label metal3.io/uuid is ${node.metadata.labels?.["metal3.io/uuid"] ?? "(absent)"}, the host's uid ${host.host?.metadata.uid ?? "(unknown)"}; the machine is ${host.machine?.metadata.name ?? "(unknown)"}`,
          fix: "let the kubelet register with the name and labels that the stack writes",
          command: `kubectl get node ${node.metadata.name} --show-labels    (in the workload cluster)`,
        },
      ];
    }),
};

/** The server has its image and does not join. */
export const notJoined: DiagnosisRule = {
  id: "machines/node-not-joined",
  why: "A boot and a kubeadm join take minutes; after twenty the server hangs, has no network, resolves no names, pulls no images, or cannot reach the endpoint.",
  fix: "look at the server's console and journalctl -u cloud-final: interface names, DNS, time, and the endpoint from there",
  find: (at) =>
    nodeless(at).flatMap((host): readonly Symptom[] => {
      const end = text(host.host, "status", "operationHistory", "provision", "end");
      if (!isOlder(end, 20, at.now) || unlinkedElsewhere(at, host)) return [];
      const { host: address, port } = at.plan.endpoint;
      return [
        {
          object: `BareMetalHost/${host.name}`,
          who: host.name,
          ...sinceTime(end),
          certainty: "likely",
          problem: `server ${host.name} has its image and is on, but has not joined`,
          evidence: `provisioned at ${end ?? ""}, no Node with its uid${at.snapshot.workload.unreachable === undefined ? `, and ${address}:${port} answers from here` : ""}`,
          fix: "look at its console: interface names and links (ip addr), DNS and image pulls (crictl images), time, and the endpoint from there",
          command: `ssh ${host.host?.metadata.annotations?.[nodeAddressAnnotation] ?? host.name} journalctl -b -u cloud-final -u kubelet`,
        },
      ];
    }),
};

function unlinkedElsewhere(at: DiagnosisCase, host: HostState): boolean {
  return nodeUnlinked.find({ ...at, hosts: [host] }).length > 0;
}

/** A MachineHealthCheck deletes machines before they had time to start. */
export const startupTimeoutShort: DiagnosisRule = {
  id: "machines/startup-timeout-short",
  why: "A machine that is deleted before its server has booted is made again, and deleted again, for ever.",
  fix: "raise the pool's health check timeout above what a server needs (two hours), then pulumi up",
  find: (at) =>
    machinesOf(at).flatMap((machine): readonly Symptom[] => {
      const says = condition(machine, "HealthCheckSucceeded");
      if (says?.status !== "False" || !/NodeStartupTimeout/.test(says.reason)) return [];
      const seconds = inManagement(at.snapshot, "healthChecks").map((check) =>
        number(check, "spec", "checks", "nodeStartupTimeoutSeconds"),
      );
      return [
        {
          ...about(machine),
          ...sinceTime(says.lastTransitionTime),
          problem: `machine ${machine.metadata.name} is replaced because its node did not come in time`,
          evidence: `${says.reason}: "${says.message}"; nodeStartupTimeoutSeconds ${seconds.join(", ")}`,
          fix: "raise the health check's timeout above what a server needs, then pulumi up",
        },
      ];
    }),
};

/** Too many machines are unhealthy at once, so nothing is remediated. */
export const remediationStopped: DiagnosisRule = {
  id: "machines/remediation-stopped",
  why: "A health check that finds too many machines unhealthy takes the network for the cause and does nothing.",
  fix: "find what the unhealthy machines have in common: a switch, a power supply, the endpoint",
  find: ({ snapshot }) =>
    inManagement(snapshot, "healthChecks").flatMap((check): readonly Symptom[] => {
      const says = condition(check, "RemediationAllowed");
      if (says?.status !== "False") return [];
      return [
        {
          ...about(check),
          ...sinceTime(says.lastTransitionTime),
          problem: "too many machines are unhealthy, so none is replaced",
          evidence: `RemediationAllowed=False ${says.reason}: "${says.message}"`,
          fix: "find what the unhealthy machines have in common: a switch, a power supply, the endpoint",
        },
      ];
    }),
};

/** A template was changed in place. */
export const templateEdited: DiagnosisRule = {
  id: "machines/template-edited",
  why: "Templates are read when a machine is made; what was made before keeps what it got, and nothing rolls.",
  fix: "undo the edit and change the stack file instead: pulumi up makes a new template, which rolls the machines",
  find: ({ snapshot }) =>
    [...inManagement(snapshot, "machineTemplates"), ...inManagement(snapshot, "dataTemplates")]
      .filter(({ metadata }) => (metadata.generation ?? 1) > 1)
      .map((template) => ({
        ...about(template),
        problem: `${template.kind} ${template.metadata.name} was edited in place`,
        evidence: `generation ${template.metadata.generation ?? 1}; older machines do not have the change`,
        fix: "undo the edit and change the stack file instead: pulumi up makes a new template, which rolls the machines",
        command: "pulumi refresh && pulumi preview --diff",
      })),
};
