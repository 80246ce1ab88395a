import { stringify } from "yaml";
import { field, list, number, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import { timestamp } from "../conditions";
import type { Controller } from "../controller";
import type { World } from "../world";
import { CLUSTER_LABEL, HOST_ANNOTATION } from "./association";
import { ownerOf, ownerReference } from "./owner";
import { renderMetaData, RenderError, type PoolAddress, type RenderSources } from "./render-meta-data";
import { poolsOf, renderNetworkData } from "./render-network-data";

/** The smallest index that no Metal3Data of a template has. */
export function nextIndex(used: readonly number[]): number {
  let index = 0;
  while (used.includes(index)) index += 1;
  return index;
}

/** Plays CAPM3's Metal3DataTemplate controller: gives each Metal3DataClaim an index and a Metal3Data. */
export function metal3DataClaimController(context: LabContext, world: World): Controller {
  return {
    name: "metal3dataclaim",
    primary: types.Metal3DataClaim,
    also: [types.Metal3DataTemplate],
    async reconcile(claim) {
      const { name, namespace } = claim.metadata;
      if (claim.metadata.deletionTimestamp !== undefined) return;
      if (text(claim, "status", "renderedData", "name") !== undefined) return;
      const template = world.get(
        types.Metal3DataTemplate,
        text(claim, "spec", "template", "name"),
        namespace,
      );
      if (template === undefined) return;
      const siblings = world
        .list(types.Metal3Data, namespace)
        .filter((data) => text(data, "spec", "template", "name") === template.metadata.name);
      const mine = siblings.find((data) => text(data, "spec", "claim", "name") === name);
      const index = nextIndex(siblings.map((data) => number(data, "spec", "index") ?? -1));
      const data =
        mine ??
        (await world.create(types.Metal3Data, {
          apiVersion: types.Metal3Data.apiVersion,
          kind: "Metal3Data",
          metadata: {
            name: `${template.metadata.name}-${index}`,
            namespace: namespace ?? "",
            labels: { [CLUSTER_LABEL]: claim.metadata.labels?.[CLUSTER_LABEL] ?? "" },
            ownerReferences: [ownerReference(claim)],
          },
          spec: {
            index,
            claim: { name, namespace },
            template: { name: template.metadata.name, namespace },
          },
        }));
      const status = { renderedData: { name: data.metadata.name, namespace } };
      await world.patch(types.Metal3DataClaim, claim, { status }, "status");
      context.log.record("metal3data-created", `Metal3Data/${data.metadata.name}`);
    },
  };
}

/** Plays CAPM3's Metal3Data controller: claims addresses, then renders the two Secrets. */
export function metal3DataController(context: LabContext, world: World): Controller {
  async function addressesFor(
    data: KubernetesObject,
    pools: readonly string[],
    host: KubernetesObject,
  ): Promise<Map<string, PoolAddress> | undefined> {
    const { namespace } = data.metadata;
    const found = new Map<string, PoolAddress>();
    for (const pool of pools) {
      const name = `${data.metadata.name}-${pool}`;
      const claim =
        world.get(types.IPClaim, name, namespace) ??
        (await world.create(types.IPClaim, {
          apiVersion: types.IPClaim.apiVersion,
          kind: "IPClaim",
          metadata: {
            name,
            namespace: namespace ?? "",
            labels: { [CLUSTER_LABEL]: data.metadata.labels?.[CLUSTER_LABEL] ?? "" },
            // IPAM looks pre-allocations up by host as well (CAPM3's --enable-bmh-name-based-preallocation).
            annotations: { "lab.metal/host": host.metadata.name },
            ownerReferences: [ownerReference(data)],
          },
          spec: { pool: { name: pool, namespace } },
        }));
      const problem = text(claim, "status", "errorMessage");
      if (problem !== undefined && problem !== "") throw new RenderError(problem);
      const address = world.get(types.IPAddress, text(claim, "status", "address", "name"), namespace);
      if (address !== undefined) found.set(pool, poolAddress(address));
    }
    return found.size === pools.length ? found : undefined;
  }

  async function secret(data: KubernetesObject, name: string, key: string, value: unknown): Promise<void> {
    await world.create(types.Secret, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name,
        namespace: data.metadata.namespace ?? "",
        labels: { [CLUSTER_LABEL]: data.metadata.labels?.[CLUSTER_LABEL] ?? "" },
        ownerReferences: [ownerReference(data)],
      },
      type: "infrastructure.cluster.x-k8s.io/secret",
      data: { [key]: Buffer.from(stringify(value)).toString("base64") },
    });
  }

  async function render(data: KubernetesObject): Promise<void> {
    const { namespace } = data.metadata;
    const metal3machine = world.get(types.Metal3Machine, text(data, "spec", "claim", "name"), namespace);
    const template = world.get(types.Metal3DataTemplate, text(data, "spec", "template", "name"), namespace);
    if (metal3machine === undefined || template === undefined) return;
    const machine = world.get(types.Machine, ownerOf(metal3machine, "Machine"), namespace);
    const [, hostName] = (metal3machine.metadata.annotations?.[HOST_ANNOTATION] ?? "").split("/");
    const baremetalhost = world.get(types.BareMetalHost, hostName, namespace);
    if (machine === undefined || baremetalhost === undefined) return;
    const index = number(data, "spec", "index") ?? 0;
    const sources: RenderSources = { machine, metal3machine, baremetalhost, index, addresses: new Map() };
    const addresses = await addressesFor(data, poolsOf(template, sources), baremetalhost);
    if (addresses === undefined) return;
    const full = { ...sources, addresses };
    const spec: Record<string, unknown> = {};
    const base = metal3machine.metadata.name;
    const metaData = field(template, "spec", "metaData");
    if (metaData !== undefined) {
      await secret(data, `${base}-metadata`, "metaData", renderMetaData(metaData, full));
      spec["metaData"] = { name: `${base}-metadata`, namespace };
    }
    const networkData = field(template, "spec", "networkData");
    if (networkData !== undefined) {
      await secret(data, `${base}-networkdata`, "networkData", renderNetworkData(networkData, full));
      spec["networkData"] = { name: `${base}-networkdata`, namespace };
    }
    const written =
      Object.keys(spec).length === 0 ? data : await world.patch(types.Metal3Data, data, { spec });
    await world.patch(types.Metal3Data, written, { status: { ready: true, errorMessage: null } }, "status");
    context.log.record("metal3data-rendered", `Metal3Data/${data.metadata.name}`, timestamp());
  }

  return {
    name: "metal3data",
    primary: types.Metal3Data,
    also: [
      types.Metal3Machine,
      types.Metal3DataTemplate,
      types.IPClaim,
      types.IPAddress,
      types.BareMetalHost,
    ],
    async reconcile(data) {
      if (data.metadata.deletionTimestamp !== undefined || field(data, "status", "ready") === true) return;
      try {
        await render(data);
      } catch (error) {
        if (!(error instanceof RenderError)) throw error;
        if (text(data, "status", "errorMessage") === error.message) return;
        await world.patch(
          types.Metal3Data,
          data,
          { status: { ready: false, errorMessage: error.message } },
          "status",
        );
      }
    },
  };
}

function poolAddress(address: KubernetesObject): PoolAddress {
  const prefix = number(address, "spec", "prefix");
  const gateway = text(address, "spec", "gateway");
  return {
    address: text(address, "spec", "address") ?? "",
    ...(prefix === undefined ? {} : { prefix }),
    ...(gateway === undefined ? {} : { gateway }),
    dnsServers: list(address, "spec", "dnsServers").filter(
      (entry): entry is string => typeof entry === "string",
    ),
  };
}
