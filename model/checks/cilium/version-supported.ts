import { defineCheck } from "../check";
import { minorOf } from "../versions";

/** Minor versions that Cilium maintains, and that this program knows the charts of (facts/cilium.md 10). */
const oldest = 18;
const newest = 20;

export const versionSupported = defineCheck({
  id: "cilium/version-supported",
  why: "an older Cilium gets no security fixes, and a newer chart may read our values in another way",
  run: ({ cilium: { version }, bgp }) => {
    const minor = minorOf(version);
    // With BGP an old one is the business of cilium/bgp-served.
    if ((minor >= oldest || bgp !== undefined) && minor <= newest) return [];
    return [
      {
        at: "cilium.version",
        problem: `Cilium ${version} is not one of 1.${oldest} to 1.${newest}`,
        fix: 'write "1.19.5"',
      },
    ];
  },
});
