import { stringify } from "yaml";
import { field, list, number, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import type { World } from "../store";
import { CLUSTER_LABEL, HOST_ANNOTATION } from "./association";
import { DATA_FINALIZER } from "./machine-data";
import { isOwnedBy, ownerOf, ownerReference } from "./owner";
import { renderMetaData, RenderError, type PoolAddress, type RenderSources } from "./render-meta-data";
import { poolsOf, renderNetworkData } from "./render-network-data";

async function addressesFor(
  world: World,
  data: KubernetesObject,
  pools: readonly string[],
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
          labels: data.metadata.labels ?? {},
          finalizers: [DATA_FINALIZER],
          ownerReferences: [ownerReference(data)],
        },
        spec: { pool: { name: pool, namespace } },
      }));
    // Of data of that name before: it goes, and CAPM3 waits for that.
    if (!isOwnedBy(claim, data)) continue;
    const problem = text(claim, "status", "errorMessage");
    if (problem !== undefined && problem !== "") throw new RenderError(problem);
    const address = world.get(types.IPAddress, text(claim, "status", "address", "name"), namespace);
    if (address !== undefined) found.set(pool, poolAddress(address));
  }
  return found.size === pools.length ? found : undefined;
}

async function secret(
  world: World,
  data: KubernetesObject,
  name: string,
  key: string,
  value: unknown,
): Promise<void> {
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

/** Renders a Metal3Data's Secrets once all its addresses are there. Throws a RenderError for what cannot be rendered. */
export async function renderData(context: LabContext, world: World, data: KubernetesObject): Promise<void> {
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
  const addresses = await addressesFor(world, data, poolsOf(template, sources));
  if (addresses === undefined) return;
  const full = { ...sources, addresses };
  const spec: Record<string, unknown> = {};
  const base = metal3machine.metadata.name;
  const metaData = field(template, "spec", "metaData");
  if (metaData !== undefined) {
    await secret(world, data, `${base}-metadata`, "metaData", renderMetaData(metaData, full));
    spec["metaData"] = { name: `${base}-metadata`, namespace };
  }
  const networkData = field(template, "spec", "networkData");
  if (networkData !== undefined) {
    await secret(world, data, `${base}-networkdata`, "networkData", renderNetworkData(networkData, full));
    spec["networkData"] = { name: `${base}-networkdata`, namespace };
  }
  const written = Object.keys(spec).length === 0 ? data : await world.patch(types.Metal3Data, data, { spec });
  await world.patch(types.Metal3Data, written, { status: { ready: true, errorMessage: null } }, "status");
  context.log.record("metal3data-rendered", `Metal3Data/${data.metadata.name}`);
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
