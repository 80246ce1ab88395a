import { supportedVersions } from "../stack/supported-versions";
import { byAge, minorOf } from "../kubernetes/version";
import { type Check, defineCheck } from "./check";
import { ofEachImage } from "./image/url";

/** A Kubernetes version in a file name: three numbers, the first is 1, the second has two digits. */
const inName = /(?<![\d.])v?(1\.[23]\d\.\d+)(?![\d.]*\d)/g;

/** Kubernetes minors that a minor of Cilium is tested with (Documentation/network/kubernetes/compatibility.rst of each). */
const tested: Readonly<Record<number, readonly [oldest: number, newest: number]>> = {
  18: [30, 33],
  19: [32, 35],
  20: [33, 36],
};

/** Checks of the versions of Kubernetes and Cilium. */
export const versionChecks: readonly Check[] = [
  defineCheck({
    id: "kubernetes/version-supported",
    summary: "Cluster API supports the Kubernetes version.",
    why: "Cluster API cannot run kubeadm of that version, and the first upgrade or join fails",
    run: ({ kubernetes: { version } }) => {
      const { kubernetes, clusterApi } = supportedVersions;
      const { oldest, newest } = kubernetes;
      const minor = minorOf(version);
      if (minor >= oldest && minor <= newest) return [];
      return {
        at: "kubernetes.version",
        problem: `Cluster API ${clusterApi.newest.major}.${clusterApi.newest.minor} supports Kubernetes v1.${oldest} to v1.${newest}, not ${version}`,
        fix: `write a version of v1.${minor < oldest ? oldest : newest}, and use an image with the same version`,
      };
    },
  }),
  defineCheck({
    id: "kubernetes/image-version-same",
    summary: "The Kubernetes version in the image's name is the stack's version.",
    why: "kubeadm refuses to install another version than its own, after the disks were written",
    run: ofEachImage(({ image }, { kubernetes: { version } }) => {
      const found = [...image.url.matchAll(inName)].map(([, number = ""]) => `v${number}`);
      if (found.length === 0 || found.includes(version)) return [];
      return {
        at: "image.url",
        problem: `"${image.url}" names Kubernetes ${found.join(" and ")}, kubernetes.version is ${version}`,
        fix: `use an image with ${version}, or write ${found[0] ?? version} as kubernetes.version`,
      };
    }),
  }),
  defineCheck({
    id: "kubernetes/version-near-cilium",
    summary: "The Kubernetes version is close to those that this Cilium is tested with.",
    why: "Cilium is tested with few versions of Kubernetes; far from these it depends on APIs that have changed",
    severity: "warning",
    run: ({ kubernetes: { version }, cilium }) => {
      const range = tested[minorOf(cilium.version)];
      const minor = minorOf(version);
      // Cilium's documentation calls one minor beyond compatible.
      if (range === undefined || (minor >= range[0] - 1 && minor <= range[1] + 1)) return [];
      return {
        at: "kubernetes.version",
        problem: `Cilium ${cilium.version} is tested with Kubernetes v1.${range[0]} to v1.${range[1]}, ${version} is outside that range`,
        fix: `use ${minor > range[1] ? "a newer" : "an older"} minor of Cilium, or Kubernetes v1.${minor > range[1] ? range[1] : range[0]}`,
      };
    },
  }),
  defineCheck({
    id: "cilium/version-supported",
    summary: "The Cilium version is supported.",
    why: "an older Cilium gets no security fixes, and a newer chart may interpret the values differently",
    run: ({ cilium: { version }, bgp }) => {
      const { oldest, newest, default: usual } = supportedVersions.cilium;
      const minor = minorOf(version);
      // With BGP an old one is reported by cilium/bgp-served.
      if ((minor >= oldest || bgp !== undefined) && minor <= newest) return [];
      return {
        at: "cilium.version",
        problem: `Cilium ${version} is not one of 1.${oldest} to 1.${newest}`,
        fix: `write "${usual}"`,
      };
    },
  }),
  defineCheck({
    id: "cilium/installed-version-older",
    summary: "The version of the first installation is not newer than the current one.",
    why: "the chart would keep defaults of a version that was never installed, and an upgrade never goes backwards",
    acceptable: false,
    run: ({ cilium: { version, installedVersion } }) => {
      if (byAge(version, installedVersion ?? version) >= 0) return [];
      return {
        at: "cilium.installedVersion",
        problem: `the cluster cannot have been installed with Cilium ${installedVersion} when it runs ${version}`,
        fix: `write the version of its first installation, or remove it where that was ${version}`,
      };
    },
  }),
  defineCheck({
    id: "cilium/bgp-served",
    summary: "The Cilium version supports the BGP kinds of cilium.io/v2.",
    why: "these kinds exist since Cilium 1.18",
    run: ({ cilium, bgp }) => {
      if (bgp === undefined || minorOf(cilium.version) >= supportedVersions.cilium.oldest) return [];
      return {
        at: "cilium.version",
        problem: `Cilium ${cilium.version} does not serve BGP in cilium.io/v2`,
        fix: `write "${supportedVersions.cilium.default}"`,
      };
    },
  }),
];
