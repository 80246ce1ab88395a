import { isMap, list } from "../../kubernetes/object";
import type { Stack } from "../../stack/schema";
import { patchDirectory } from "../../plan/manifests/machine-files";
import { type Check, type CheckResults, defineCheck } from "../check";

type Patch = Stack["kubernetes"]["patches"][number];

/** The key of the stack file for a component's arguments and volumes. */
const componentOf: Readonly<Record<Patch["target"], string>> = {
  etcd: "etcd",
  "kube-apiserver": "apiServer",
  "kube-controller-manager": "controllerManager",
  "kube-scheduler": "scheduler",
};

/** What a patch would take from kubeadm and this program. */
interface Overreach {
  readonly what: string;
  readonly fix: string;
}

/** Paths of JSON patches that replace what kubeadm and this program write. */
const taken =
  /^(?:\/?$|\/(?:apiVersion|kind|status|spec)$|\/metadata(?:\/(?:name|namespace))?$|\/spec\/(?:hostNetwork|containers|volumes)(?:\/0)?$|\/spec\/containers\/0\/(?:name|image|command|args|volumeMounts)(?:\/|$))/;

/** Additions at the end of a list replace nothing. */
const appended = /^\/spec\/(?:volumes|containers\/0\/volumeMounts)\/-$/;

/** Checks of the patches of static pods. */
export const patchChecks: readonly Check[] = [
  defineCheck({
    id: "kubernetes/patches-form",
    summary: "A JSON patch is a list of operations; every other patch is a part of a Pod.",
    why: "kubeadm fails at a patch that it cannot apply, and there is no control plane",
    acceptable: false,
    run: ({ kubernetes }) =>
      kubernetes.patches.flatMap(({ type, patch }, i) => {
        const isRight = type === "json" ? isOperations(patch) : isMap(patch) && !Array.isArray(patch);
        if (isRight) return [];
        return {
          at: `kubernetes.patches[${i}].patch`,
          problem: `a patch of type ${type} is ${type === "json" ? "a list of operations with op and path" : "a map"}`,
          fix:
            type === "json"
              ? "write a list such as [{ op: add, path: /metadata/annotations/x, value: y }]"
              : "write a part of a Pod such as { spec: { priority: 1 } }, or type: json",
        };
      }),
  }),
  defineCheck({
    id: "kubernetes/patches-add-only",
    summary: "Patches replace neither arguments, images nor volumes that kubeadm and this program write.",
    why: "a patch is applied last: the component would run without the flags and files that the rest of the stack relies on",
    acceptable: false,
    run: ({ kubernetes }) =>
      kubernetes.patches.flatMap((patch, i): CheckResults =>
        overreaches(patch).map(({ what, fix }) => ({
          at: `kubernetes.patches[${i}].patch`,
          problem: `the patch of ${patch.target} replaces ${what}`,
          fix,
        })),
      ),
  }),
  defineCheck({
    id: "kubernetes/patch-files-declared",
    summary: "Files in kubeadm's folder of patches are written by kubernetes.patches.",
    why: "kubeadm reads that folder only where the stack has patches of its own, and then applies the file unchecked",
    severity: "warning",
    run: ({ machines, controlPlane, workers }) => {
      const lists = [
        { at: "machines", of: machines },
        { at: "controlPlane", of: { files: [], ...controlPlane } },
        ...workers.map(({ machines: own }, i) => ({ at: `workers[${i}].machines`, of: own })),
      ];
      return lists.flatMap(({ at, of }) =>
        (["files", "secretFiles"] as const).flatMap((key) =>
          (of?.[key] ?? []).flatMap(({ path }, i) =>
            path.startsWith(`${patchDirectory}/`)
              ? {
                  at: `${at}.${key}[${i}].path`,
                  problem: `"${path}" is in kubeadm's folder of patches`,
                  fix: "write it as kubernetes.patches, or the kubelet's as machines.kubeletConfiguration",
                }
              : [],
          ),
        ),
      );
    },
  }),
];

function isOperations(patch: Patch["patch"]): boolean {
  return (
    Array.isArray(patch) &&
    patch.every((each) => isMap(each) && typeof each["op"] === "string" && typeof each["path"] === "string")
  );
}

function overreaches({ target, type, patch }: Patch): readonly Overreach[] {
  const settings = {
    etcd: "write kubernetes.etcd.extraArgs",
    other: `write kubernetes.${componentOf[target]}.extraArgs or extraVolumes`,
  };
  const instead = target === "etcd" ? settings.etcd : settings.other;
  if (type === "json") {
    return (Array.isArray(patch) ? patch : []).flatMap((operation) => {
      const path = isMap(operation) ? String(operation["path"]) : "";
      const isTest = isMap(operation) && operation["op"] === "test";
      return !isTest && taken.test(path) && !appended.test(path) ? [{ what: path, fix: instead }] : [];
    });
  }
  if (Array.isArray(patch)) return [];
  const spec = isMap(patch["spec"]) ? patch["spec"] : {};
  const metadata = isMap(patch["metadata"]) ? patch["metadata"] : {};
  const named = ["name", "namespace"].filter((key) => metadata[key] !== undefined);
  const lists = ["containers", "volumes"].filter((key) => spec[key] !== undefined);
  return [
    ...named.map((key) => ({ what: `metadata.${key}`, fix: "remove it" })),
    ...(spec["hostNetwork"] === undefined ? [] : [{ what: "spec.hostNetwork", fix: "remove it" }]),
    ...(JSON.stringify(patch).includes('"$patch"')
      ? [{ what: "a whole part ($patch)", fix: "leave $patch out, or use a JSON patch of one field" }]
      : []),
    ...(type === "merge"
      ? lists.map((key) => ({
          what: `the whole list spec.${key}`,
          fix: "write type: strategic, which merges the list by name",
        }))
      : list(spec, "containers").flatMap((container) => ofContainer(container, target, instead))),
  ];
}

function ofContainer(container: unknown, target: string, instead: string): readonly Overreach[] {
  if (!isMap(container) || container["name"] !== target) return [];
  return ["command", "args", "image"]
    .filter((key) => container[key] !== undefined)
    .map((key) => ({
      what: `the container's ${key}`,
      fix: key === "image" ? "write kubernetes.imageRepository" : instead,
    }));
}
