import { setMaxListeners } from "node:events";
import { resources } from "../../model/kubernetes/resources";
import type { LabContext, LabPart } from "../context";
import { Workloads } from "../workload";
import type { WorkloadCluster } from "../workload/cluster";
import { bootController } from "./boot/controller";
import { ControllerLoop, type Complain } from "./controller";
import { hostController } from "./hosts/controller";
import { ipPoolController } from "./ipam";
import { metal3ClusterController } from "./metal3/cluster";
import { metal3DataTemplateController, metal3DataController } from "./metal3/data";
import { Metal3Machines } from "./metal3/machine";
import { Remediations } from "./metal3/remediation";
import { Store } from "./store";

/** The tools and data folders that the simulated part needs in addition to those of the management plane. */
export const simulatedTools = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "gobgpd",
  "gobgp",
  "cilium-crds-1.18.4",
  "cilium-crds-1.19.5",
] as const;

/** Starts what runs Cilium's pods in a workload cluster whose API server has begun to answer. */
export type CiliumStarter = (
  context: LabContext,
  cluster: WorkloadCluster,
  store: Store,
  complain: Complain,
) => Promise<void>;

/**
 * Simulates everything that would be hardware or run on it: servers and BMCs, Metal3's controllers, first boots and kubelets. A
 * workload control plane is started when its first machine boots. Rejects `done` when a process of a workload
 * cluster crashes.
 */
export async function startSimulatedHardware(
  context: LabContext,
  startCilium: CiliumStarter,
): Promise<LabPart> {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, context.signal]);
  // Each watch listens for the end.
  setMaxListeners(0, signal);
  const complain: Complain = (controller, object, error) =>
    context.log.record("simulation-error", `${controller} ${object}`, error.message);
  const store = new Store(context.management.api, signal, (what) =>
    context.log.record("watch-trouble", "management", what),
  );
  const workloads = new Workloads(context, (cluster, inside) =>
    startCilium(context, cluster, inside, complain),
  );
  const machines = new Metal3Machines(context, store, workloads);
  const controllers = [
    hostController(context, store, (host) => workloads.powerOff(host)),
    metal3ClusterController(context, store),
    machines,
    metal3DataTemplateController(context, store),
    metal3DataController(context, store),
    ipPoolController(context, store),
    new Remediations(context, store, workloads),
    bootController(context, store, workloads),
  ];
  await store.follow([resources.BareMetalHost, resources.Secret, resources.Cluster, resources.HardwareData]);
  for (const controller of controllers) {
    const loop = new ControllerLoop(store, controller, signal, complain);
    await loop.start();
    if (controller === machines) workloads.onNodes(() => loop.poke());
  }
  const done = new Promise<void>((resolve, reject) => {
    signal.addEventListener("abort", () => resolve());
    context.processes.onFailure((failure) => {
      if (failure.process.startsWith("workload-") && !signal.aborted) reject(failure);
    });
  });
  // The failure is reported through `done`; it need not be awaited.
  done.catch(() => undefined);
  return {
    done,
    async stop() {
      ended.abort();
      await workloads.stop();
    },
  };
}
