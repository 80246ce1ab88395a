import { z } from "zod";
import { secretFile, settingsOfMachines, users } from "./cluster";
import { filled, objectName, stringMap, whole } from "./primitives";

/** The most machines of a pool, and of the control plane, whose etcd slows down with each member. */
export const machineLimits = { controlPlane: 9, pool: 5000 } as const;

/** Another image for one pool; what is left out is as in `image`. */
const poolImage = z.strictObject({
  url: z.string().min(1).describe("Where the provisioner fetches the pool's image."),
  checksum: z.string().min(1).describe("The checksum of the pool's image, or the URL of a file with it."),
  checksumType: z
    .enum(["md5", "sha256", "sha512"])
    .describe("Algorithm; as image.checksumType when left out.")
    .optional(),
  format: z
    .enum(["raw", "qcow2", "vdi", "vmdk"])
    .describe("Disk format; as image.format when left out.")
    .optional(),
});

const healthCheck = z.strictObject({
  enabled: z.boolean().default(true).describe("Replace, or reboot, machines that stay unhealthy."),
  nodeStartupTimeoutSeconds: whole(0, 86_400)
    .default(7200)
    .describe("Seconds that a machine may take to become a node; far above a real provision (0: no limit)."),
  unhealthyAfterSeconds: whole(60, 86_400).default(600).describe("Seconds that a node may be not ready."),
  maxUnhealthy: z
    .string()
    .default("40%")
    .describe(
      "No remediation when more machines than this are unhealthy; a share of less than one machine is one.",
    ),
  reboots: whole(0, 10)
    .describe(
      "0: Cluster API replaces an unhealthy machine; 2 or more: Metal3 reboots it so often and replaces nothing. 0 when left out, 2 for a single control plane machine.",
    )
    .optional(),
  rebootTimeoutSeconds: whole(100, 86_400)
    .default(1800)
    .describe("Seconds that a reboot may take, from the power-off until the node is ready."),
});

const rollout = z.strictObject({
  spareHost: z
    .boolean()
    .default(false)
    .describe(
      "true: a free host takes the new machine first; false: one machine goes first (needs no spare).",
    ),
});

const taint = z.strictObject({
  key: filled("taint key", "example.com/dedicated").describe("Key of the taint."),
  value: z.string().describe("Value of the taint.").optional(),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    .describe("What it does to pods that do not tolerate it."),
});

const autoscaling = z.strictObject({
  min: whole(0, machineLimits.pool).describe("Least number of machines; a new pool starts with it."),
  max: whole(1, machineLimits.pool).describe("Greatest number of machines; the pool needs a host for each."),
  capacity: z
    .strictObject({
      cpu: whole(1, 4096).describe("Processors of a machine, hardware threads counted."),
      memory: z
        .string()
        .regex(/^[1-9]\d*(?:Ki|Mi|Gi|Ti|k|M|G|T)?$/)
        .meta({ noun: "amount of memory", examples: ["256Gi"] })
        .describe("Memory of a machine, such as 256Gi."),
    })
    .describe(
      "What a machine of the pool has: the autoscaler needs it while the pool, or its share of a failure domain, has no machine.",
    )
    .optional(),
});

const poolFields = {
  labels: stringMap()
    .default({})
    .describe(
      "Labels of the nodes; those that Cluster API keeps change in place (docs/operations.md), any other replaces the machines.",
    ),
  healthCheck: healthCheck
    .prefault({})
    .describe("When a machine counts as broken, and what is done about it."),
  rollout: rollout.prefault({}).describe("How machines are replaced when their template changes."),
  nodeReuse: z
    .boolean()
    .default(false)
    .describe("Upgrades keep each machine on its own host (needs no-spare rollout)."),
  drainTimeoutSeconds: whole(0, 86_400)
    .default(900)
    .describe("Seconds that draining a node may take before it is removed anyway (0: no limit)."),
};

/** The control plane machines. */
export const controlPlane = z.strictObject({
  secretFiles: z
    .array(secretFile)
    .default([])
    .describe("Files with secrets on control plane machines only, such as an encryption configuration."),
  users: users("control plane machines only"),
  renewCertificatesBeforeDays: whole(7, 364)
    .describe(
      "Days before its certificates end in which Cluster API replaces a control plane machine; left out: never.",
    )
    .optional(),
  replicas: whole(1, machineLimits.controlPlane)
    .default(3)
    .describe("Number of control plane machines; odd, for etcd."),
  schedulable: z
    .boolean()
    .describe(
      "Whether ordinary pods may run on the control plane; true when left out and there are no worker pools. A change replaces its machines.",
    )
    .optional(),
  ...poolFields,
});

/** One pool of workers. */
export const workerPool = z.strictObject({
  name: objectName().describe("Name of the pool; hosts name it in their `pool`."),
  replicas: whole(0, machineLimits.pool)
    .default(1)
    .describe("Number of machines; without effect where autoscaling is set."),
  autoscaling: autoscaling
    .describe("The cluster autoscaler, which you run, decides the number of machines within these bounds.")
    .optional(),
  failureDomains: z
    .array(objectName())
    .default([])
    .describe(
      "Failure domains of the pool's hosts over which its machines are spread evenly, a MachineDeployment each; left out: one on all hosts of the pool.",
    ),
  taints: z.array(taint).default([]).describe("Taints that every node of the pool keeps."),
  image: poolImage.describe("Image of the pool's machines, where it is not the stack's.").optional(),
  machines: z
    .strictObject({ ...settingsOfMachines, users: users("the pool's machines") })
    .describe(
      "What this pool's machines get after what all machines get; a file, flag or user given again wins.",
    )
    .optional(),
  ...poolFields,
});
