import { supportedVersions } from "../../config/supported-versions";
import { defineCheck } from "../check";
import { minorOf } from "../versions";

const { oldest, newest } = supportedVersions.kubernetes;
const clusterApi = supportedVersions.clusterApi.newest;

export const versionSupported = defineCheck({
  id: "kubernetes/version-supported",
  why: "Cluster API does not know how to run kubeadm of that version, and the first upgrade or join fails",
  run: ({ kubernetes: { version } }) => {
    const minor = minorOf(version);
    if (minor >= oldest && minor <= newest) return [];
    return [
      {
        at: "kubernetes.version",
        problem: `Cluster API ${clusterApi.major}.${clusterApi.minor} supports Kubernetes v1.${oldest} to v1.${newest}, not ${version}`,
        fix: `write a version of v1.${minor < oldest ? oldest : newest}, and take an image with the same`,
      },
    ];
  },
});
