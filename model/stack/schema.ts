import { z } from "zod";
import { bgp } from "./bgp";
import { cilium, image, machines, management, timeouts } from "./cluster";
import { bmcDefaults, host } from "./hosts";
import { kubernetes } from "./kubernetes";
import { loadBalancer } from "./load-balancer";
import { network } from "./networks";
import { controlPlane, workerPool } from "./pools";
import { day, filled, objectName, oneLine } from "./primitives";

/** Longest name of a cluster: Cilium takes at most 32 characters. */
export const clusterNameLength = 32;

/** Findings that a stack accepts: by id, each with a reason, some only until a day. */
const accept = z.array(
  z.strictObject({
    id: filled("id of a check", "hosts/bmc-address-unique").describe(
      "Id of the check whose findings are accepted.",
    ),
    at: z
      .string()
      .describe("Only its finding at this place, such as hosts[2].bmc.address; all of them when left out.")
      .optional(),
    reason: oneLine("reason of one line", '"carrier-assigned, NET-212"').describe(
      "Why it is meant to stay, for the next reader.",
    ),
    until: day().describe("Last day on which it is accepted; without an end when left out.").optional(),
  }),
);

/** The whole stack file below `config:`, without the `metal:` prefix. One stack is one cluster. */
export const stackSchema = z.strictObject({
  name: objectName()
    .max(clusterNameLength)
    .describe("Name of the cluster; the stack's name when left out.")
    .optional(),
  management: management.describe("The cluster that runs Cluster API and Metal3."),
  kubernetes: kubernetes.describe("Kubernetes itself, and the address under which its API answers."),
  network: network.describe("The networks of nodes, pods and services."),
  image: image.describe("The system image that is written to the disks."),
  bmc: bmcDefaults.prefault({}),
  hosts: z.array(host).min(1).describe("The servers."),
  controlPlane: controlPlane.prefault({}).describe("The control plane machines."),
  workers: z.array(workerPool).default([]).describe("Worker pools."),
  machines: machines.prefault({}).describe("What machines get in addition to Kubernetes."),
  cilium: cilium.prefault({}).describe("Cilium: version, datapath, and who owns it later."),
  bgp: bgp.describe("BGP sessions with your routers; left out: none.").optional(),
  loadBalancer: loadBalancer
    .describe("Addresses of LoadBalancer services that nodes announce by ARP, without BGP.")
    .optional(),
  timeouts: timeouts.prefault({}),
  accept: accept.default([]).describe("Findings that are known and meant to stay."),
  protect: z
    .boolean()
    .default(true)
    .describe("Pulumi refuses to delete the cluster and its hosts until this is false."),
});

/** A stack: the stack file with its defaults filled in. Secrets are placeholders (see secrets.ts). */
export type Stack = z.infer<typeof stackSchema> & { readonly name: string };

export type Host = Stack["hosts"][number];
export type AdditionalNetwork = Stack["network"]["additional"][number];
export type WorkerPool = Stack["workers"][number];
export type ControlPlane = Stack["controlPlane"];
export type LoadBalancer = NonNullable<Stack["loadBalancer"]>;
export type Bgp = NonNullable<Stack["bgp"]>;
export type BgpRouter = Bgp["routers"][number];
export type BgpInstance = Bgp["instances"][number];
export type BgpPeer = BgpInstance["peers"][number];
export type EndpointPeer = Bgp["endpoint"][number];
