import { setMaxListeners } from "node:events";
import { resources } from "../../model/kubernetes/resources";
import type { LabContext, LabPart } from "../context";
import { Workloads } from "../workload";
import { bootController } from "./boot/controller";
import { startCilium } from "./cilium";
import { ControllerLoop, type Complain } from "./controller";
import { hostController } from "./hosts/controller";
import { ipPoolController } from "./ipam";
import { metal3ClusterController } from "./metal3/cluster";
import { metal3DataTemplateController, metal3DataController } from "./metal3/data";
import { Metal3Machines } from "./metal3/machine";
import { Remediations } from "./metal3/remediation";
import { World } from "./store";

/** The tools and data folders that the played part needs, beside those of the management plane. */
export const PLAYED_TOOLS = [
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

/**
 * Plays everything that would be hardware or run on it: servers and BMCs, Metal3's controllers, first boots, kubelets and
 * Cilium. A workload control plane is started when its first machine boots. Rejects `done` when a process of a workload
 * cluster crashes.
 */
export async function startPlayedHardware(context: LabContext): Promise<LabPart> {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, context.signal]);
  // Each watch listens for the end.
  setMaxListeners(0, signal);
  const complain: Complain = (controller, object, error) =>
    context.log.record("played-trouble", `${controller} ${object}`, error.message);
  const world = new World(context.management.api, signal, (what) =>
    context.log.record("watch-trouble", "management", what),
  );
  const workloads = new Workloads(context, (cluster, inside) =>
    startCilium(context, cluster, inside, complain),
  );
  const machines = new Metal3Machines(context, world, workloads);
  const controllers = [
    hostController(context, world, (host) => workloads.powerOff(host)),
    metal3ClusterController(context, world),
    machines,
    metal3DataTemplateController(context, world),
    metal3DataController(context, world),
    ipPoolController(context, world),
    new Remediations(context, world, workloads),
    bootController(context, world, workloads),
  ];
  await world.follow([resources.BareMetalHost, resources.Secret, resources.Cluster, resources.HardwareData]);
  for (const controller of controllers) {
    const loop = new ControllerLoop(world, controller, signal, complain);
    await loop.start();
    if (controller === machines) workloads.onNodes(() => loop.poke());
  }
  const done = new Promise<void>((resolve, reject) => {
    signal.addEventListener("abort", () => resolve());
    context.processes.onFailure((failure) => {
      if (failure.process.startsWith("workload-") && !signal.aborted) reject(failure);
    });
  });
  // Whoever waits for `done` sees the failure; nobody has to.
  done.catch(() => undefined);
  return {
    done,
    async stop() {
      ended.abort();
      await workloads.stop();
    },
  };
}
