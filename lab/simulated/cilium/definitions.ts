import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import type { KubernetesObject } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import { minorVersion } from "../../../model/kubernetes/version";
import { CILIUM_VERSIONS } from "../../toolchain/tools";
import type { Toolchain } from "../../toolchain";
import { isTrue } from "../conditions";
import type { Store } from "../store";

/** The CRDs of the release nearest to the operator's image among those that this lab holds. */
export function definitionsFor(image: string, tools: Toolchain): KubernetesObject[] {
  const [, wanted = ""] = /:v?(\d+\.\d+\.\d+)/.exec(image) ?? [];
  const minor = minorVersion(wanted);
  const order = [
    ...CILIUM_VERSIONS.filter((version) => version === wanted),
    ...CILIUM_VERSIONS.filter((version) => version.startsWith(`${minor}.`)),
    ...CILIUM_VERSIONS,
  ];
  for (const version of order) {
    const folder = folderIfThere(tools, version);
    if (folder === undefined) continue;
    return fs
      .readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => parse(fs.readFileSync(path.join(folder, name), "utf8")) as KubernetesObject);
  }
  throw new Error(`no Cilium CRDs for ${image}: the lab holds none of ${CILIUM_VERSIONS.join(", ")}`);
}

function folderIfThere(tools: Toolchain, version: (typeof CILIUM_VERSIONS)[number]): string | undefined {
  try {
    return tools.folder(`cilium-crds-${version}`);
  } catch {
    // Not wanted in this run: another version serves.
    return undefined;
  }
}

/** A kind that another release of the operator has registered is brought to this one's form. */
async function register(store: Store, definition: KubernetesObject): Promise<void> {
  const type = resources.CustomResourceDefinition;
  const there = await store.api.get(type, definition.metadata.name);
  if (there === undefined) await store.create(type, definition);
  else await store.patch(type, there, { spec: definition["spec"] });
}

/** Registers CRDs as cilium-operator does; the BGP ones only with the BGP control plane on. */
export async function registerDefinitions(
  store: Store,
  definitions: readonly KubernetesObject[],
  bgp: boolean,
): Promise<void> {
  const type = resources.CustomResourceDefinition;
  const wanted = definitions.filter((object) => bgp || !object.metadata.name.startsWith("ciliumbgp"));
  const large = (object: KubernetesObject) => (/networkpolicies/.test(object.metadata.name) ? 1 : 0);
  const sorted = [...wanted].sort((a, b) => large(a) - large(b));
  for (let at = 0; at < sorted.length; at += 6) {
    await Promise.all(
      sorted.slice(at, at + 6).map((object) => {
        const metadata = Object.fromEntries(
          Object.entries(object.metadata).filter(([key]) => key !== "creationTimestamp"),
        );
        return register(store, { ...object, status: undefined, metadata } as unknown as KubernetesObject);
      }),
    );
  }
  // Establishing takes the API server about a second for all.
  for (;;) {
    const states = await Promise.all(wanted.map((object) => store.api.get(type, object.metadata.name)));
    if (states.every((object) => isTrue(object, "Established"))) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
