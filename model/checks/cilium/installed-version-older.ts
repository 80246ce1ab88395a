import { atLeast, parseVersion } from "../../preflight/version";
import { defineCheck } from "../check";

export const installedVersionOlder = defineCheck({
  id: "cilium/installed-version-older",
  why: "the chart would keep defaults of a version that is not there yet, and an upgrade never goes backwards",
  acceptable: false,
  run: ({ cilium: { version, installedVersion } }) => {
    const [now, first] = [parseVersion(version), parseVersion(installedVersion ?? version)];
    if (now === undefined || first === undefined || atLeast(now, first)) return [];
    return [
      {
        at: "cilium.installedVersion",
        problem: `the cluster cannot have been installed with Cilium ${installedVersion} when it runs ${version}`,
        fix: `write the version of its first installation, or remove it where that was ${version}`,
      },
    ];
  },
});
