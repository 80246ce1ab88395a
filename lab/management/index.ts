import fs from "node:fs";
import { KubernetesApi } from "../../ops/kubernetes/api";
import type { ManagementAccess } from "../context";
import { createAuthority } from "../processes/pki";
import type { Processes } from "../processes/processes";
import type { Toolchain } from "../toolchain";
import {
  type PlaneSite,
  process,
  startApiServer,
  startControllerManager,
  startEtcd,
  writeManagementKeys,
} from "./api-server";
import { startClusterApi, startManager } from "./cluster-api";
import { installDefinitions, managementDefinitions, showControllers } from "./definitions";

/** A running management cluster, and what faults may do to it. */
export interface ManagementPlane extends ManagementAccess {
  /** Kills the API server; its watches and writers lose it at once. */
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  /** Kills the manager that holds the ClusterResourceSet controller (Cluster API core). */
  stopResourceSetController(): Promise<void>;
  startResourceSetController(): Promise<void>;
}

/** The tools and data folders that the management plane needs. */
export const managementTools = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "capi-core",
  "capi-bootstrap",
  "capi-control-plane",
  "cluster-api",
  "baremetal-operator-crds",
] as const;

/** Starts a management cluster in `directory`: about seven seconds on two cores. */
export async function startManagementPlane(
  directory: string,
  tools: Toolchain,
  processes: Processes,
): Promise<ManagementPlane> {
  fs.mkdirSync(directory, { recursive: true });
  const site: PlaneSite = { directory, processes, tools, authority: await createAuthority("lab-management") };
  const [kubeconfigFile] = await Promise.all([writeManagementKeys(site), startEtcd(site)]);
  // Reading 30 CRDs takes a second of our own time: the API server starts meanwhile.
  const starting = startApiServer(site);
  const definitions = managementDefinitions(tools);
  await starting;
  const kubeconfig = fs.readFileSync(kubeconfigFile, "utf8");
  const api = await KubernetesApi.open(kubeconfig);
  await Promise.all([installDefinitions(api, definitions), startControllerManager(site, kubeconfigFile)]);
  await startClusterApi(site, kubeconfigFile, api);
  await showControllers(api);
  return {
    api,
    kubeconfig,
    kubeconfigFile,
    authority: site.authority,
    stopApiServer: () => processes.kill(process.apiServer),
    startApiServer: () => startApiServer(site),
    stopResourceSetController: () => processes.kill("capi-core"),
    startResourceSetController: () => startManager(site, kubeconfigFile, "capi-core"),
  };
}
