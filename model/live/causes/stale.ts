import { bindingEntries } from "../readiness/cluster-assessment";
import { isOrphaned } from "../recover/remediation";
import { belongsTo, inManagement, named } from "../snapshot";
import { type CauseRule, type Symptom, about, wasRead } from "./cause";
import { historyOf, hostCause, stateOf } from "./hosts";
import { contentHash } from "../../kubernetes/content";

/** Changes that do not take effect, and objects that remain after their work. */
export const staleCauses: readonly CauseRule[] = [
  {
    id: "resource-set/payload-changed",
    summary: "A payload of the resource set has changed since it was applied.",
    why: "Strategy ApplyOnce never brings a changed payload to a cluster that has the old one.",
    fix: "let Pulumi own Cilium: cilium.lifecycle: pulumi, then pulumi up",
    find(at) {
      const hashes = at.snapshot.management.payloadHashes ?? {};
      // With another lifecycle Pulumi or a GitOps tool brings the change.
      if (at.cilium.lifecycle !== "bootstrap-only") return [];
      return bindingEntries(at.plan, at.snapshot).flatMap((entry): readonly Symptom[] => {
        const { name } = entry;
        const applied = entry.hash;
        const present = hashes[name];
        if (applied === undefined || present === undefined || applied === present) return [];
        return [
          {
            object: `${entry.kind}/${name}`,
            who: at.plan.cluster,
            problem: `${name} has changed since it was applied, and the change never reaches the cluster`,
            evidence: `applied ${applied.slice(0, 19)}..., present ${present.slice(0, 19)}...`,
            command: `npm run metal -- render --stack ${at.snapshot.cluster}`,
          },
        ];
      });
    },
  },
  {
    id: "machines/template-edited",
    summary: "A template was edited in place.",
    why: "Templates are read when a machine is created; existing machines do not get the change, and nothing rolls.",
    fix: "undo the edit and change the stack file instead: pulumi up creates a new template, which rolls the machines",
    find: ({ snapshot, plan }) =>
      inManagement(snapshot, "machineTemplates")
        .filter((template) => belongsTo(plan.cluster, template))
        .filter(({ metadata }) => (metadata.generation ?? 1) > 1)
        // Named by the content of their machines: nodeReuse is no part of it and changes in place. CAPM3 refuses edits of
        // data templates itself.
        .filter(({ metadata, ...template }) => !metadata.name.endsWith(contentHash(template.spec?.template)))
        .map((template) => ({
          ...about(template),
          problem: `${template.kind} ${template.metadata.name} was edited in place`,
          evidence: `generation ${template.metadata.generation ?? 1}; older machines do not have the change`,
          command: "pulumi refresh && pulumi preview --diff",
        })),
  },
  hostCause({
    id: "hosts/network-data-unused",
    summary: "A host's network configuration was written again after the host was provisioned.",
    why: "A server reads its network configuration only when it is provisioned.",
    fix: "replace the machine, so that its host is provisioned with the new configuration",
    judge(host, { snapshot }) {
      const name = host.host?.spec?.networkData?.name;
      const secret = named(inManagement(snapshot, "secrets"), name);
      const created = Date.parse(secret?.metadata.creationTimestamp ?? "");
      const written = Date.parse(historyOf(host, "provision", "end") ?? "");
      if (stateOf(host) !== "provisioned" || !(created > written)) return undefined;
      return {
        // A Secret that was moved to another management cluster is young, too.
        certainty: "likely",
        problem: `host ${host.name} runs with an older network configuration`,
        evidence: `Secret ${name ?? ""} was created after the host had been provisioned`,
        since: created,
        ...(host.machine === undefined
          ? {}
          : {
              command: `npm run metal -- recover machine ${host.machine.metadata.name} --stack ${snapshot.cluster}`,
            }),
      };
    },
  }),
  {
    id: "machines/remediation-orphaned",
    summary: "A Metal3Remediation remains whose machine was deleted while it ran.",
    why: "Metal3 does not find its machine and never removes the finalizer, which blocks only the deletion of the namespace.",
    fix: "no action is needed: the next recover and the end of pulumi destroy remove it",
    find: (at) => {
      const { snapshot } = at;
      if (!wasRead(at, "machines", "remediations")) return [];
      return inManagement(snapshot, "remediations")
        .filter((remediation) => isOrphaned(remediation, inManagement(snapshot, "machines")))
        .map((remediation) => ({
          ...about(remediation),
          problem: `Metal3Remediation ${remediation.metadata.name} is orphaned: its machine no longer exists`,
          evidence: `its finalizers are ${(remediation.metadata.finalizers ?? []).join(", ")}, phase "${remediation.status?.phase ?? ""}"`,
          command: `kubectl -n ${snapshot.namespace} get metal3remediation ${remediation.metadata.name} -o yaml`,
        }));
    },
  },
];
