/** Something that people of this field write, and that this project does not support: why, and what to write instead. */
export interface Unsupported {
  /** Place of the key, list indexes left out: `hosts[].firmware`. */
  readonly at: string;
  /** The values that are meant; every value when left out. */
  readonly value?: RegExp;
  readonly why: string;
  readonly fix: string;
}

/** The README's "Limits" explains them at greater length. */
const unsupported: readonly Unsupported[] = [
  {
    at: "hosts[].firmware",
    why: "no BMC driver of the Baremetal Operator 0.13 or 0.14 takes firmware settings on the host, its webhook refuses them",
    fix: "remove it, and write them as a HostFirmwareSettings object of the host",
  },
  {
    at: "machines.format",
    why: "only cloud-config is written: Cluster API's Ignition is alpha, off by default, and has no values for the node's name, labels and address",
    fix: "remove it, and use an image with cloud-init (docs/image.md)",
  },
  {
    at: "hosts[].gateway",
    why: "a stack has one node network and one gateway: the address pools, the endpoint and the routers' listen ranges follow it",
    fix: "remove it; a rack with a subnet of its own is a stack of its own",
  },
  {
    at: "network.racks",
    why: "a stack has one node network: the address pools, the endpoint and the routers' listen ranges follow it",
    fix: "remove it; a rack with a subnet of its own is a stack of its own",
  },
  {
    at: "kubernetes.endpoint.host",
    value: /^(?!\d+(\.\d+)*$)(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+$/i,
    why: "it is a name, and Cilium, which brings the cluster's DNS, needs the API server's address before there is any DNS in the cluster",
    fix: "write the address that the name resolves to, and the name into kubernetes.certificateNames",
  },
];

/** What is to be said about a key or value that is known and not supported; undefined when it is neither. */
export function unsupportedAt(place: string, value?: unknown): Unsupported | undefined {
  const bare = place.replace(/\[\d+\]/g, "[]");
  return unsupported.find(
    ({ at, value: form }) =>
      at === bare && (form === undefined || (typeof value === "string" && form.test(value))),
  );
}
