/** What must hold for a fleet, by id, and why; the other files of this folder find it. */
export const fleetRules = [
  {
    id: "fleet/ranges-disjoint",
    summary: "Networks of different stacks do not overlap.",
    why: "a router sends packets for an address that two clusters announce to only one of them",
  },
  {
    id: "fleet/endpoints-unique",
    summary: "Every stack has its own endpoint.",
    why: "two clusters answer at one address, and each node joins the one that answers first",
  },
  {
    id: "fleet/host-addresses-unique",
    summary: "Hosts of different stacks have different addresses.",
    why: "two machines with the same address disrupt each other's traffic",
  },
  {
    id: "fleet/cluster-names-unique",
    summary: "Every stack has its own cluster name.",
    why: "objects and routes of two clusters cannot be distinguished",
  },
  {
    id: "fleet/macs-unique",
    summary: "Every MAC address belongs to one stack.",
    why: "the provisioner would boot one stack's server for the other",
  },
  {
    id: "fleet/bmc-addresses-unique",
    summary: "Every BMC belongs to one stack.",
    why: "one stack would power off and wipe the other's server",
  },
  {
    id: "fleet/serials-unique",
    summary: "Every disk belongs to one host.",
    why: "one disk cannot be in two servers, so one of the two serial numbers is wrong",
  },
  {
    id: "fleet/asns-unique",
    summary: "Clusters with a common router have different ASNs.",
    why: "each cluster drops routes that contain its own ASN, which are the other's",
  },
  {
    id: "fleet/routers-agreed",
    summary: "Stacks agree about the routers that they share.",
    why: "one of the two descriptions is wrong, and its sessions stay down",
  },
  {
    id: "fleet/router-names-agreed",
    summary: "A router has one name in all stacks.",
    why: "one router with two names gets two configurations for one process",
  },
] as const;
