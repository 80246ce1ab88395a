import path from "node:path";
import { buildImages, imageTools } from "../nodes/image";
import type { Leaf } from "../nodes/leaf";
import { startKubelets } from "../nodes/kubelet";
import { NamespaceServers } from "../nodes/servers";
import type { Processes } from "../processes/processes";
import type { CiliumStarter } from "../simulated";
import { startCilium } from "../simulated/cilium";
import type { Toolchain } from "../toolchain";
import { CILIUM_VERSIONS, type CiliumVersion, defaultCiliumVersion } from "../toolchain/tools";
import { LoopbackServers, type Servers } from "../workload/servers";
import type { RehearsalOptions } from "./options";
import type { StackFacts } from "./stack-file";
import { readStackFile } from "./workspace";

/** Whether Cilium's programs are simulated, or run for real: then in these versions. */
export type CiliumMode =
  { readonly kind: "simulated" } | { readonly kind: "real"; readonly versions: readonly CiliumVersion[] };

/** What the lab needs in addition where Cilium runs for real. */
export function ciliumTools(mode: CiliumMode) {
  return mode.kind === "real" ? mode.versions.flatMap((version) => imageTools(version)) : [];
}

/** The options of a rehearsal that decide which programs of Cilium it needs. */
export type CiliumOptions = Pick<RehearsalOptions, "stack" | "secondStack" | "cilium" | "upgradeFrom">;

/** How the lab runs Cilium for a rehearsal. Throws where the programs of one of its versions cannot be built. */
export function ciliumMode({ stack, secondStack, cilium: kind, upgradeFrom }: CiliumOptions): CiliumMode {
  if (kind === "simulated") return { kind };
  const stacks = [stack, ...(secondStack === undefined ? [] : [secondStack])];
  const written = stacks.map((name) => readStackFile(name).facts.ciliumVersion);
  const versions = [...written, ...(upgradeFrom === undefined ? [] : [upgradeFrom])].map((version) => {
    const wanted = version === "" ? defaultCiliumVersion : version;
    const known = CILIUM_VERSIONS.find((each) => each === wanted);
    if (known !== undefined) return known;
    throw new Error(
      `the programs of Cilium ${wanted} cannot be built: with --cilium real the lab runs ${CILIUM_VERSIONS.join(" or ")}; without it, agents are simulated`,
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
  leaves: readonly Leaf[],
): {
  readonly servers: Servers;
  readonly starter: CiliumStarter;
  /** The same servers, where they are namespaces. */
  readonly nodes?: NamespaceServers;
} {
  if (mode.kind === "simulated") return { servers: new LoopbackServers(), starter: startCilium };
  const images = path.join(directory, "images");
  buildImages(images, mode.versions, tools);
  const servers = new NamespaceServers(path.join(directory, "nodes"), processes, images, leaves);
  for (const { nodeNetworks } of stacks) {
    for (const network of nodeNetworks) servers.prepareNetwork(network);
  }
  return { servers, nodes: servers, starter: (context, ...rest) => startKubelets(context, servers, ...rest) };
}
