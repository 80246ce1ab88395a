/** What a fleet must hold, by id, with what would happen otherwise; the rules themselves are beside this file. */
export const fleetRules = [
  {
    id: "fleet/ranges-disjoint",
    why: "a router sends an address that two clusters announce to only one of them",
  },
  {
    id: "fleet/endpoints-unique",
    why: "two clusters answer at one address, and each node joins whichever was faster",
  },
  { id: "fleet/host-addresses-unique", why: "two machines with one address cut each other off" },
  { id: "fleet/cluster-names-unique", why: "objects and routes of two clusters cannot be told apart" },
  { id: "fleet/macs-unique", why: "the provisioner would boot one stack's server for the other" },
  { id: "fleet/bmc-addresses-unique", why: "one stack would switch off and wipe the other's server" },
  {
    id: "fleet/serials-unique",
    why: "one disk cannot be in two servers, so one of the two is written wrongly",
  },
  { id: "fleet/asns-unique", why: "each cluster drops routes that carry its own ASN, which are the other's" },
  {
    id: "fleet/routers-agreed",
    why: "one of the two descriptions is not the router's, and its sessions stay down",
  },
  {
    id: "fleet/router-names-agreed",
    why: "one router under two names gets two configurations for one process",
  },
] as const;
