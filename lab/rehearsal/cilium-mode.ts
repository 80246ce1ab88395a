import path from "node:path";
import { buildImage, imageTools } from "../nodes/image";
import { minorVersion } from "../../model/kubernetes/version";
import { startKubelets } from "../nodes/kubelet";
import { NamespaceServers } from "../nodes/servers";
import type { Processes } from "../processes/processes";
import type { CiliumStarter } from "../simulated";
import { startCilium } from "../simulated/cilium";
import type { Toolchain } from "../toolchain";
import { CILIUM_VERSIONS, type CiliumVersion, defaultCiliumVersion } from "../toolchain/tools";
import { LoopbackServers, type Servers } from "../workload/servers";
import type { StackFacts } from "./stack-file";

/** Whether Cilium's programs are simulated, or run for real: then in these versions. */
export type CiliumMode =
  { readonly kind: "simulated" } | { readonly kind: "real"; readonly versions: readonly CiliumVersion[] };

/** One module that the operator of 1.20 imports is not on the module proxy. */
const runnableVersions = CILIUM_VERSIONS.filter((version) => minorVersion(version) !== "1.20");

/** What the lab needs in addition where Cilium runs for real. */
export function ciliumTools(mode: CiliumMode) {
  return mode.kind === "real" ? mode.versions.flatMap((version) => imageTools(version)) : [];
}

/**
 * How the lab runs Cilium in these versions; an empty one is the program's default. Throws where the programs of one cannot be
 * built.
 */
export function ciliumMode(kind: CiliumMode["kind"], wantedVersions: readonly string[]): CiliumMode {
  if (kind === "simulated") return { kind };
  const versions = wantedVersions.map((version) => {
    const wanted = version === "" ? defaultCiliumVersion : version;
    const known = runnableVersions.find((each) => each === wanted);
    if (known !== undefined) return known;
    throw new Error(
      `the programs of Cilium ${wanted} cannot be built: with --cilium real the lab runs ${runnableVersions.join(" or ")}; without it, agents are simulated`,
    );
  });
  return { kind, versions: [...new Set(versions)] };
}

/** The servers of the lab, and what runs Cilium on them. */
export function serversFor(
  mode: CiliumMode,
  stacks: readonly StackFacts[],
  directory: string,
  tools: Toolchain,
  processes: Processes,
): {
  readonly servers: Servers;
  readonly starter: CiliumStarter;
  /** The same servers, where they are namespaces. */
  readonly nodes?: NamespaceServers;
} {
  if (mode.kind === "simulated") return { servers: new LoopbackServers(), starter: startCilium };
  const images = path.join(directory, "images");
  for (const version of mode.versions) buildImage(images, version, tools);
  const servers = new NamespaceServers(path.join(directory, "nodes"), processes, images);
  for (const { nodeNetwork } of stacks) if (nodeNetwork !== undefined) servers.prepareNetwork(nodeNetwork);
  return { servers, nodes: servers, starter: (context, ...rest) => startKubelets(context, servers, ...rest) };
}
