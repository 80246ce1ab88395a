import fs from "node:fs";
import path from "node:path";

import { shortHash, writeWhole } from "./cache";
import { CILIUM_VERSIONS, defaultCiliumVersion, type CiliumVersion } from "./tools";
import { shellQuoted } from "../../model/text/wording";

/** Writes the launcher of the `cilium` shim (cilium-shim/cilium.sh) and the chart folder it reads; returns its path. */
export function writeCiliumShim(
  root: string,
  modules: string,
  helm: string,
  charts: ReadonlyMap<CiliumVersion, string>,
): string {
  const script = path.join(modules, "cilium-shim", "cilium.sh");
  const identity = shortHash([script, helm, ...charts.values()].join("\0"));
  const folder = path.join(root, "cilium", `shim-${identity}`);
  const launcher = path.join(folder, "cilium");
  for (const version of CILIUM_VERSIONS) {
    const chart = charts.get(version);
    if (chart !== undefined) linkTo(chart, path.join(folder, "charts", `cilium-${version}`));
  }
  const variables = [
    `METAL_HELM=${shellQuoted(helm)}`,
    `METAL_CILIUM_CHARTS=${shellQuoted(path.join(folder, "charts"))}`,
    `METAL_CILIUM_VERSION=${defaultCiliumVersion}`,
  ];
  const text = `#!/bin/sh\n${variables.join(" \\\n")} \\\nexec /bin/sh ${shellQuoted(script)} "$@"\n`;
  const current = fs.existsSync(launcher) ? fs.readFileSync(launcher, "utf8") : "";
  if (current !== text) writeWhole(launcher, text, 0o755);
  return launcher;
}

function linkTo(target: string, link: string): void {
  if (fs.existsSync(link)) return;
  fs.mkdirSync(path.dirname(link), { recursive: true });
  const temporary = `${link}.tmp-${process.pid}`;
  fs.rmSync(temporary, { force: true });
  fs.symlinkSync(target, temporary);
  fs.renameSync(temporary, link);
}
