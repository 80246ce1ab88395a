import { type KubernetesObject, field } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { type RawStack, addWorkerHost, changeHost } from "../model/stacks";
import { type Mistake, find, inspected } from "./mistake";
import { running } from "./running";
import { type Situation, liveHost, plannedBefore } from "./situation";

/** A second worker host, and the settings of the pool. */
const twoWorkers = (pool: object) => (raw: RawStack) => addWorkerHost(raw, pool);

const autoscaled = twoWorkers({ autoscaling: { min: 1, max: 2 } });
const paused = { annotations: { "baremetalhost.metal3.io/paused": "" } };

/** A MachineDeployment as the cluster autoscaler leaves it. */
function scaled(deployment: KubernetesObject, replicas: number): KubernetesObject {
  const fieldsV1 = { "f:spec": { "f:replicas": {} } };
  const managedFields = [
    { manager: "cluster-autoscaler", operation: "Update", subresource: "scale", fieldsV1 },
  ];
  return {
    ...deployment,
    spec: { ...(deployment["spec"] as object), replicas },
    metadata: { ...deployment.metadata, managedFields } as KubernetesObject["metadata"],
  };
}

/** The worker's host as it was with other settings, in a state. */
const hostBefore =
  (settings: Record<string, unknown>, state: string): NonNullable<Situation["management"]> =>
  (api) => {
    const planned = plannedBefore((raw) => changeHost(raw, 3, settings));
    api.put(liveHost(planned, 3, { status: { provisioning: { state } } }));
  };

/** Changes of what a pool consists of: its failure domains, its size, and the hosts that are in service. */
export const poolMistakes: Readonly<Record<string, Mistake>> = {
  "root device hints that two disks have": {
    check: "hosts/root-disk-found",
    stack: (raw) => changeHost(raw, 0, { rootDeviceHints: { minSizeGigabytes: 400 } }),
    management: inspected({
      storage: [
        { name: "/dev/sda", sizeBytes: 960e9, serialNumber: "A1" },
        { name: "/dev/sdb", sizeBytes: 960e9, serialNumber: "B2" },
        { name: "/dev/sdc", sizeBytes: 960e9, serialNumber: "B2" },
      ],
    }),
    severity: "warning",
    finding: /2 disks of capi-1-cp-1 have minSizeGigabytes 400, and the first .*\/dev\/sda .*, \/dev\/sdb/,
  },
  "a host that is switched off under its machine": {
    check: "rollout/fixed-fields-kept",
    stack: (raw) => changeHost(raw, 3, { online: false }),
    management: running(),
    also: ["hosts/enough-can-serve"],
    finding:
      /online: false takes capi-1-w-1 out of service while a machine of workers runs on it: its server/,
  },
  "a host that is adopted while it is being prepared": {
    check: "rollout/fixed-fields-kept",
    stack: (raw) => changeHost(raw, 3, { externallyProvisioned: true }),
    management: hostBefore({}, "preparing"),
    also: ["hosts/enough-can-serve"],
    finding: /capi-1-w-1 is preparing, and Metal3 accepts externallyProvisioned: true for a new host/,
  },
  "an adopted host that enters service": {
    check: "hosts/nothing-else-runs",
    management: hostBefore({ externallyProvisioned: true }, "externally provisioned"),
    severity: "warning",
    finding: /capi-1-w-1 enters service: the system that runs on it ends/,
  },
  "a host with a system of its own that is removed": {
    check: "rollout/hosts-kept",
    management: (api) => {
      const planned = plannedBefore((raw) => {
        twoWorkers({ replicas: 1 })(raw);
        changeHost(raw, 4, { externallyProvisioned: true });
      });
      api.put(liveHost(planned, 4, { status: { provisioning: { state: "externally provisioned" } } }));
    },
    severity: "warning",
    finding:
      /capi-1-w-2 .* is powered off and forgotten, while its own system runs; its disks stay as they are/,
  },
  "a pool that moves to the MachineDeployments of its racks, without free hosts": {
    check: "rollout/spare-available",
    stack: (raw) => {
      changeHost(raw, 3, { failureDomain: "rack-1" });
      raw["workers"] = [{ name: "workers", failureDomains: ["rack-1"] }];
    },
    management: running({ before: (raw) => changeHost(raw, 3, { failureDomain: "rack-1" }) }),
    also: ["rollout/machines-kept"],
    finding:
      /the new ones of workers need 1 free host, 0 can serve; the 1 machine of the old ones keeps its host/,
  },
  "a number of machines that the autoscaler has written, and that the stack file decides again": {
    check: "management/fields-uncontested",
    stack: twoWorkers({ replicas: 1 }),
    management: (api, planned) => {
      running({ before: autoscaled })(api);
      api.put(scaled(find(planned, "MachineDeployment"), 2));
    },
    also: ["rollout/machines-kept"],
    finding:
      /"cluster-autoscaler" has set spec\.replicas of MachineDeployment.* to 2, and the stack sets 1, so/,
  },
  "an autoscaled pool that could not grow": {
    check: "hosts/enough-can-serve",
    stack: autoscaled,
    management: running({
      before: autoscaled,
      free: ["capi-1-w-2"],
      host: (host) =>
        host === "capi-1-w-2"
          ? {
              metadata: {
                ...paused,
                labels: { "metal.internal/stack": "capi-1", "metal.internal/pool": "workers" },
              },
            }
          : undefined,
    }),
    severity: "warning",
    also: ["hosts/selectable"],
    finding: /2 machines of workers need as many hosts, 1 can serve; not capi-1-w-2/,
  },
};

/** What is well although a count or a host is not what a pool has otherwise. */
export const innocentPools: Readonly<Record<string, Situation>> = {
  "a number of machines that the autoscaler has decided": {
    stack: autoscaled,
    management: (api, planned) => {
      running({ before: autoscaled })(api);
      const deployment = find(planned, "MachineDeployment");
      if (field(deployment, "spec", "replicas") !== undefined) throw new Error("replicas are planned");
      api.put(scaled(deployment, 2));
    },
  },
  "hosts out of service, in whatever state": {
    stack: (raw) => {
      twoWorkers({ replicas: 0 })(raw);
      changeHost(raw, 3, { online: false });
      changeHost(raw, 4, { externallyProvisioned: true });
    },
    management: (api, planned) => {
      const kind = resources.BareMetalHost.kind;
      if (planned.filter((object) => object.kind === kind).length !== 5) throw new Error("five hosts");
      api.put(liveHost(planned, 3, { metadata: paused }));
      api.put(liveHost(planned, 4, { status: { provisioning: { state: "externally provisioned" } } }));
    },
  },
};
