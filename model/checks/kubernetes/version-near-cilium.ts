import { defineCheck } from "../check";
import { minorOf } from "../versions";

/** Kubernetes minors that a minor of Cilium is tested with (Documentation/network/kubernetes/compatibility.rst of each). */
const tested: Readonly<Record<number, readonly [oldest: number, newest: number]>> = {
  18: [30, 33],
  19: [32, 35],
  20: [33, 36],
};

export const versionNearCilium = defineCheck({
  id: "kubernetes/version-near-cilium",
  why: "Cilium is tested with few versions of Kubernetes; far from these, it leans on APIs that changed",
  severity: "warning",
  run: ({ kubernetes: { version }, cilium }) => {
    const range = tested[minorOf(cilium.version)];
    const minor = minorOf(version);
    // One minor beyond is what the project calls compatible.
    if (range === undefined || (minor >= range[0] - 1 && minor <= range[1] + 1)) return [];
    return [
      {
        at: "kubernetes.version",
        problem: `Cilium ${cilium.version} is tested with Kubernetes v1.${range[0]} to v1.${range[1]}, ${version} is far from that`,
        fix: `take ${minor > range[1] ? "a newer" : "an older"} minor of Cilium, or Kubernetes v1.${minor > range[1] ? range[1] : range[0]}`,
      },
    ];
  },
});
