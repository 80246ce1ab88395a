import { type Kind, type Schema, atomic, dateTime, filled, listOf, mapOf, object, string } from "./schema";

/** Our own definitions of what the program uses of Metal3's IPAM (v1alpha1). */
const ipam = {
  group: "ipam.metal3.io",
  version: "v1alpha1",
  // As upstream labels them: with contracts before v1beta2 alone, and versions that these kinds do not have.
  contracts: {
    v1alpha2: "v1alpha2",
    v1alpha3: "v1alpha3_v1alpha4",
    v1alpha4: "v1alpha5",
    v1beta1: "v1beta1",
  },
  provider: "ipam-metal3",
};

const objectReference = atomic({
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string,
  uid: string,
  resourceVersion: string,
  fieldPath: string,
});
const prefix: Schema = { type: "integer", maximum: 128 };

const ipPool: Kind = {
  ...ipam,
  kind: "IPPool",
  plural: "ippools",
  shortName: "m3ipp",
  spec: object({
    clusterName: string,
    "namePrefix!": filled,
    pools: listOf(
      object({
        start: string,
        end: string,
        subnet: string,
        prefix,
        gateway: string,
        dnsServers: listOf(string),
      }),
    ),
    preAllocations: mapOf(string),
    prefix,
    gateway: string,
    dnsServers: listOf(string),
  }),
  status: object({ indexes: mapOf(string), lastUpdated: dateTime }),
};

const ipClaim: Kind = {
  ...ipam,
  kind: "IPClaim",
  plural: "ipclaims",
  shortName: "m3ipc",
  spec: object({ "pool!": objectReference }),
  status: object({ address: objectReference, errorMessage: string }),
};

const ipAddress: Kind = {
  ...ipam,
  kind: "IPAddress",
  plural: "ipaddresses",
  shortName: "m3ipa",
  spec: object({
    "address!": string,
    "claim!": objectReference,
    "pool!": objectReference,
    prefix,
    gateway: string,
    dnsServers: listOf(string),
  }),
};

/** All kinds of the address management that the program or the simulated Metal3 uses. */
export const ipamKinds: readonly Kind[] = [ipPool, ipClaim, ipAddress];
