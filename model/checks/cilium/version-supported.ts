import { supportedVersions } from "../../config/supported-versions";
import { defineCheck } from "../check";
import { minorOf } from "../versions";

const { oldest, newest, default: usual } = supportedVersions.cilium;

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
        fix: `write "${usual}"`,
      },
    ];
  },
});
