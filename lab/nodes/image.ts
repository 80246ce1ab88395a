import fs from "node:fs";
import path from "node:path";
import { minorVersion } from "../../model/kubernetes/version";
import type { Toolchain } from "../toolchain";
import {
  type BuildableTool,
  type CiliumMinor,
  type CiliumVersion,
  CILIUM_VERSIONS,
} from "../toolchain/tools";
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

/** The programs that Cilium's pods run and those that they start, by name, with the tool. */
export function agentPrograms(version: CiliumVersion) {
  const minor = minorVersion(version) as CiliumMinor;
  return {
    "cilium-agent": `cilium-agent-${minor}`,
    "cilium-health-responder": `cilium-health-responder-${minor}`,
    "cilium-operator-generic": `cilium-operator-${minor}`,
  } as const;
}

/** Places in the image, with the tool that is there. */
function programsOf(version: CiliumVersion): Readonly<Record<string, BuildableTool>> {
  const minor = minorVersion(version) as CiliumMinor;
  const commands: Readonly<Record<string, BuildableTool>> = {
    ...agentPrograms(version),
    "cilium-dbg": `cilium-dbg-${minor}`,
    "cilium-mount": `cilium-mount-${minor}`,
    "cilium-sysctlfix": `cilium-sysctlfix-${minor}`,
  };
  return {
    ...Object.fromEntries(Object.entries(commands).map(([name, tool]) => [`usr/bin/${name}`, tool])),
    "opt/cni/bin/cilium-cni": `cilium-cni-${minor}`,
  };
}

/** The script with which a container begins. */
export const containerInit = "container-init.sh";

/** Builds what nodes see of the lab: the script with which containers begin, and the file systems of images. */
export function buildImages(images: string, versions: readonly CiliumVersion[], tools: Toolchain): void {
  fs.mkdirSync(images, { recursive: true });
  for (const script of [containerInit, "file-system.sh"])
    fs.copyFileSync(path.join(__dirname, script), path.join(images, script));
  for (const version of versions) buildImage(images, version, tools);
}

/**
 * Builds the file system that the images `cilium` and `operator-generic` of a version have beyond a distribution's, from
 * programs and files of Cilium's Go module, as a folder below `images`.
 */
function buildImage(images: string, version: CiliumVersion, tools: Toolchain): void {
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

/**
 * The folder of an image of Cilium's own repositories, such as `quay.io/cilium/cilium:v1.19.5@sha256:…`; undefined for images that
 * the lab does not have.
 */
export function folderOfImage(image: string): string | undefined {
  const [, version] =
    /^(?:quay\.io|docker\.io)\/cilium\/(?:cilium|operator-generic):v([\d.]+)(?:@sha256:[0-9a-f]+)?$/.exec(
      image,
    ) ?? [];
  const known = CILIUM_VERSIONS.find((each) => each === version);
  return known === undefined ? undefined : imageFolder(known);
}

function imageFolder(version: CiliumVersion): string {
  return `cilium-${version}`;
}
