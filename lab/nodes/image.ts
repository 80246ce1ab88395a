import fs from "node:fs";
import path from "node:path";
import { minorVersion } from "../../model/kubernetes/version";
import type { Toolchain } from "../toolchain";
import { type CiliumMinor, type CiliumVersion, CILIUM_VERSIONS } from "../toolchain/tools";
import { clangFile } from "./requirements";

/** The tools and data folders of which the file system of one version's images is made. */
export function imageTools(version: CiliumVersion) {
  return [
    ...Object.values(programsOf(version)),
    `cilium-bpf-${version}`,
    `cilium-image-${version}`,
    `cilium-plugin-${version}`,
  ] as const;
}

/** Places in the image, with the tool that is there. */
function programsOf(version: CiliumVersion) {
  const minor = minorVersion(version) as CiliumMinor;
  return {
    "usr/bin/cilium-agent": `cilium-agent-${minor}`,
    "usr/bin/cilium-dbg": `cilium-dbg-${minor}`,
    "usr/bin/cilium-health-responder": `cilium-health-responder-${minor}`,
    "usr/bin/cilium-mount": `cilium-mount-${minor}`,
    "usr/bin/cilium-sysctlfix": `cilium-sysctlfix-${minor}`,
    "opt/cni/bin/cilium-cni": `cilium-cni-${minor}`,
    // One module that the operator of 1.20 imports is not on the module proxy.
    ...(minor === "1.20" ? {} : { "usr/bin/cilium-operator-generic": `cilium-operator-${minor}` as const }),
  } as const;
}

/**
 * Builds the file system that the images `cilium` and `operator-generic` of a version have beyond a distribution's, from
 * programs and files of Cilium's Go module, as a folder below `images`.
 */
export function buildImage(images: string, version: CiliumVersion, tools: Toolchain): void {
  const root = path.join(images, imageFolder(version));
  const place = (file: string) => {
    const target = path.join(root, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    return target;
  };
  for (const [file, tool] of Object.entries(programsOf(version)))
    fs.copyFileSync(tools.tool(tool), place(file));
  fs.symlinkSync(clangFile, place("usr/bin/clang"));
  fs.cpSync(tools.folder(`cilium-bpf-${version}`), place("var/lib/cilium/bpf"), { recursive: true });
  const script = (folder: string, name: string) => {
    fs.copyFileSync(path.join(folder, name), place(name));
    fs.chmodSync(place(name), 0o755);
  };
  script(tools.folder(`cilium-image-${version}`), "init-container.sh");
  for (const name of ["install-plugin.sh", "cni-uninstall.sh"])
    script(tools.folder(`cilium-plugin-${version}`), name);
}

/** The folder of an image such as `quay.io/cilium/cilium:v1.19.5@sha256:…`; undefined for images that the lab does not have. */
export function folderOfImage(image: string): string | undefined {
  const [, version] = /\/(?:cilium|operator-generic):v([\d.]+)(?:@|$)/.exec(image) ?? [];
  const known = CILIUM_VERSIONS.find((each) => each === version);
  return known === undefined ? undefined : imageFolder(known);
}

function imageFolder(version: CiliumVersion): string {
  return `cilium-${version}`;
}
