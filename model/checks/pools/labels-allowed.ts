import { isKeptOnNodes } from "../../plan/node-labels";
import { defineCheck } from "../check";
import { nodeLabelsOf } from "../machine-pools";

/** Labels of Kubernetes' own domains that a kubelet may give itself (k8s.io/kubelet, well_known_labels.go). */
const settable = [
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
];
const settableDomains = /(^|\.)(kubelet|node)\.kubernetes\.io$/;
const kubernetesDomains = /(^|\.)(kubernetes|k8s)\.io$/;

export const labelsAllowed = defineCheck({
  id: "pools/labels-allowed",
  why: "the kubelet ends at once when it is told to label itself in Kubernetes' own domains, and no machine joins",
  acceptable: false,
  run: (stack) =>
    nodeLabelsOf(stack).flatMap(({ key, at }) => {
      const domain = key.slice(0, Math.max(0, key.indexOf("/")));
      const allowed =
        isKeptOnNodes(key) ||
        !kubernetesDomains.test(domain) ||
        settable.includes(key) ||
        settableDomains.test(domain);
      if (allowed) return [];
      return [
        {
          at,
          problem: `a kubelet may not give itself the label "${key}"`,
          fix: "use a domain of your own, such as example.com/role, or node.cluster.x-k8s.io, which Cluster API sets",
        },
      ];
    }),
});
