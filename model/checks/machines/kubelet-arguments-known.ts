import { nearest } from "../../nearest";
import { defineCheck } from "../check";
import { ofEachMachines } from "./each-machines";
import { kubeletFlags } from "./kubelet-flags";

/** Flags that older guides name, and the minor version of Kubernetes that has them no longer (its changelogs). */
const removed: Readonly<Record<string, number>> = {
  "cni-bin-dir": 24,
  "cni-cache-dir": 24,
  "cni-conf-dir": 24,
  "docker-endpoint": 24,
  "dynamic-config-dir": 24,
  "image-pull-progress-deadline": 24,
  "network-plugin": 24,
  "network-plugin-mtu": 24,
  "container-runtime": 27,
  "master-service-namespace": 27,
  "pod-infra-container-image": 35,
};

export const kubeletArgumentsKnown = defineCheck({
  id: "machines/kubelet-arguments-known",
  why: "the kubelet ends at once when it is given a flag that it does not know, and no machine becomes a node",
  run: ofEachMachines(({ machines, kubernetes: { version } }) =>
    Object.keys(machines.kubeletArguments).flatMap((name) => {
      if (kubeletFlags.includes(name) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return [];
      const at = `machines.kubeletArguments.${name}`;
      const gone = removed[name];
      if (gone !== undefined) {
        if (Number(version.split(".")[1]) < gone) return [];
        return [{ at, problem: `"${name}" is gone since Kubernetes 1.${gone}`, fix: "remove it" }];
      }
      const guess = nearest(name, kubeletFlags);
      return [
        {
          at,
          problem: `the kubelet has no flag "${name}"`,
          fix: guess === undefined ? "remove it" : `did you mean ${guess}?`,
        },
      ];
    }),
  ),
});
