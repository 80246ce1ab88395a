import { defineCheck } from "../check";
import { minorOf } from "../versions";

/** Workload clusters of Cluster API 1.14 (facts/capi-metal3.md 1.2). */
const oldest = 31;
const newest = 36;

export const versionSupported = defineCheck({
  id: "kubernetes/version-supported",
  why: "Cluster API does not know how to run kubeadm of that version, and the first upgrade or join fails",
  run: ({ kubernetes: { version } }) => {
    const minor = minorOf(version);
    if (minor >= oldest && minor <= newest) return [];
    return [
      {
        at: "kubernetes.version",
        problem: `Cluster API 1.14 supports Kubernetes v1.${oldest} to v1.${newest}, not ${version}`,
        fix: `write a version of v1.${minor < oldest ? oldest : newest}, and take an image with the same`,
      },
    ];
  },
});
