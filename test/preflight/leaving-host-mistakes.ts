import { type RawStack, addWorkerHost } from "../model/stacks";
import type { Mistake } from "./mistake";
import { ofOtherCluster, putMetal3Machine, running } from "./running";

/** A second worker, and as many machines of the pool as given. */
const workers = (replicas: number) => (raw: RawStack) => addWorkerHost(raw, { replicas });
const withoutHost =
  (index: number, rest: (raw: RawStack) => void = () => undefined) =>
  (raw: RawStack) => {
    rest(raw);
    raw["hosts"] = (raw["hosts"] as readonly object[]).filter((_host, i) => i !== index);
  };

/** A cluster with one worker, and the second server as it is given. */
const secondWorker = (host: object) =>
  running({
    before: workers(1),
    free: ["capi-1-w-2"],
    host: (name) => (name === "capi-1-w-2" ? host : undefined),
  });

/** Hosts of a cluster that runs which are taken out of the stack file. */
export const leavingHostMistakes: Readonly<Record<string, Mistake>> = {
  "a host in use that is removed": {
    check: "rollout/hosts-kept",
    stack: withoutHost(3, workers(1)),
    management: running({ before: workers(1), free: ["capi-1-w-2"] }),
    finding:
      /capi-1-w-1 \(serial CZ-capi-1-w-1, .*\) leaves the inventory while machine m-capi-1-w-1 runs on it/,
  },
  "a detached host in use that is removed": {
    check: "rollout/hosts-kept",
    stack: withoutHost(3, workers(1)),
    management: running({
      before: workers(1),
      free: ["capi-1-w-2"],
      host: (host) =>
        host === "capi-1-w-1"
          ? {
              metadata: {
                labels: { "metal.internal/stack": "capi-1", "metal.internal/pool": "workers" },
                annotations: { "baremetalhost.metal3.io/detached": "" },
              },
            }
          : undefined,
    }),
    finding: /while machine m-capi-1-w-1 runs on it: that machine would wait for it without end/,
  },
  "a free host that is removed": {
    check: "rollout/hosts-kept",
    management: running({ before: workers(1), free: ["capi-1-w-2"] }),
    severity: "warning",
    finding: /capi-1-w-2 \(serial CZ-capi-1-w-2, .*\) leaves the inventory and is powered off and forgotten/,
  },
  "a host that Metal3 has kept for reuse and that is removed": {
    check: "rollout/hosts-kept",
    stack: withoutHost(4, workers(1)),
    management: running({
      before: workers(1),
      free: ["capi-1-w-2"],
      kept: { "capi-1-w-2": "md-capi-1-workers" },
    }),
    severity: "warning",
    finding: /capi-1-w-2 \(serial CZ-capi-1-w-2, .*\) leaves the inventory and is powered off and forgotten/,
  },
  "a detached host that is removed": {
    check: "rollout/hosts-kept",
    management: secondWorker({
      metadata: {
        labels: { "metal.internal/stack": "capi-1" },
        annotations: { "baremetalhost.metal3.io/detached": "" },
      },
    }),
    severity: "warning",
    finding:
      /leaves the inventory and is forgotten as it is: it is detached, so it is neither powered off nor wiped/,
  },
  "a host that another cluster has claimed and that is removed": {
    check: "rollout/hosts-kept",
    management: secondWorker(ofOtherCluster),
    finding:
      /while it is claimed by Metal3Machine capi-1\/other-md-0-abcde of cluster "other", which is not of this cluster: the server would be wiped under that cluster/,
    fix: /^keep the host in the stack file, or release it there first \(scale that cluster down\)/,
  },
  "a host of another cluster by its machine alone that is removed": {
    check: "rollout/hosts-kept",
    management: (api) => {
      const { spec, status } = ofOtherCluster;
      const host = (name: string) => (name === "capi-1-w-2" ? { spec, status } : undefined);
      running({ before: workers(1), free: ["capi-1-w-2"], host })(api);
      putMetal3Machine(api, "other-md-0-abcde", "other");
    },
    finding: /claimed by Metal3Machine capi-1\/other-md-0-abcde of cluster "other"/,
  },
  "a claimed host that is removed where machines cannot be listed": {
    check: "rollout/hosts-kept",
    stack: withoutHost(3, workers(1)),
    management: (api) => {
      running({ before: workers(1), free: ["capi-1-w-2"] })(api);
      api.denied.add("list metal3machines");
    },
    also: ["management/permitted"],
    finding:
      /claimed by Metal3Machine capi-1\/m-capi-1-w-1, and whose that is is not known: .*cannot list metal3machines/,
  },
  "a host with an image and no machine that is removed": {
    check: "rollout/hosts-kept",
    management: secondWorker({
      spec: { image: { url: "http://u:hunter2@images/database-server.raw" } },
      status: { provisioning: { state: "provisioned" } },
    }),
    finding:
      /leaves the inventory and is wiped and powered off: it has the image http:\/\/\[secret\]@images\/database-server\.raw, and has no machine/,
    fix: /metal -- detach capi-1-w-2 --stack capi-1 before .* spec\.image\)/,
  },
  "a host whose machine is gone and that is removed": {
    check: "rollout/hosts-kept",
    management: secondWorker({
      spec: { consumerRef: { kind: "Metal3Machine", name: "m-gone", namespace: "capi-1" } },
      status: { provisioning: { state: "provisioned" } },
    }),
    finding:
      /is wiped and powered off: it is provisioned, and Metal3Machine capi-1\/m-gone, which claims it, does not exist/,
    fix: /metal -- detach capi-1-w-2 .*metal -- recover host capi-1-w-2/,
  },
  "a host that is being wiped and that is removed": {
    check: "rollout/hosts-kept",
    management: running({
      before: workers(1),
      free: ["capi-1-w-2"],
      host: (host) =>
        host === "capi-1-w-2" ? { status: { provisioning: { state: "deprovisioning" } } } : undefined,
    }),
    severity: "warning",
    finding: /is powered off and forgotten once it is wiped, which has begun/,
  },
};
