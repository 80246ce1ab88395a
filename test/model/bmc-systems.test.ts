import assert from "node:assert/strict";
import { runChecks } from "../../model/checks";
import type { BareMetalHost } from "../../model/kubernetes/metal3";
import { judgeRegisteredOnce } from "../../model/live/preflight/inventory";
import { changeHost, stackWith } from "./stacks";

/** One server, in several spellings of its BMC. */
const same: readonly (readonly [why: string, ...addresses: readonly [string, ...string[]]])[] = [
  [
    "port, driver, transport, end and case of the path",
    "redfish-virtualmedia://10.250.251.99/redfish/v1/Systems/1",
    "redfish-virtualmedia://10.250.251.99:443/redfish/v1/Systems/1",
    "redfish-virtualmedia+https://10.250.251.99:443/redfish/v1/Systems/1",
    "redfish+http://10.250.251.99:80/redfish/v1/Systems/1/",
    "REDFISH://10.250.251.99/redfish/v1/systems/1",
    "redfish://10.250.251.99//redfish/v1/Systems/%31",
    "redfish://10.250.251.99/redfish/v1/Systems/1?a=b",
    "redfish://admin@10.250.251.99/redfish/v1/Systems/1",
    "redfish:10.250.251.99/redfish/v1/Systems/1",
    "redfish://[::ffff:10.250.251.99]/redfish/v1/Systems/1",
  ],
  [
    "no path, or another protocol",
    "redfish-virtualmedia://10.250.251.99/redfish/v1/Systems/1",
    "redfish://10.250.251.99",
    "redfish://10.250.251.99/",
    "redfish://10.250.251.99/redfish/v1/",
    "redfish://10.250.251.99/redfish/v1/Systems",
    "ipmi://10.250.251.99",
    "ipmi://10.250.251.99:623",
    "ipmi://10.250.251.99/a",
    "ipmi:10.250.251.99",
    "10.250.251.99",
    "10.250.251.99:0623",
  ],
  [
    "addresses of IPv6",
    "redfish://[fd00:251::11]/redfish/v1/Systems/1",
    "redfish://[FD00:251:0:0::0011]:443/redfish/v1/Systems/1",
    "ipmi://[fd00:251::11]:623",
    "[fd00:251::11]:623",
  ],
  [
    "names",
    "redfish://bmc-1.example.com/redfish/v1/Systems/1",
    "redfish://BMC-1.example.com./redfish/v1/Systems/1",
    "bmc-1.example.com",
  ],
];

/** Servers that are two. */
const distinct: readonly (readonly [why: string, one: string, other: string])[] = [
  [
    "two systems of one BMC",
    "redfish://10.250.251.99/redfish/v1/Systems/1",
    "redfish://10.250.251.99/redfish/v1/Systems/System.Embedded.1",
  ],
  [
    "two systems of sushy-tools",
    "redfish+http://10.250.251.99:8000/redfish/v1/Systems/1d4a4b1e-6f0c-4c9e-9f62-0a1b2c3d4e5f",
    "redfish+http://10.250.251.99:8000/redfish/v1/Systems/2d4a4b1e-6f0c-4c9e-9f62-0a1b2c3d4e5f",
  ],
  ["two ports of VirtualBMC", "ipmi://10.250.251.99:6230", "ipmi://10.250.251.99:6231"],
  [
    "a port that is not the protocol's own",
    "redfish://10.250.251.99:8443/redfish/v1/Systems/1",
    "redfish://10.250.251.99/redfish/v1/Systems/1",
  ],
  ["two addresses of IPv6", "redfish://[fd00::1:0]/a", "redfish://[fd00::1]/a"],
  ["an address that cannot be read", "redfish://10.250.251.99/redfish/v1/Systems/1", "redfish://a:b:c"],
  ["no address", "redfish://10.250.251.99/redfish/v1/Systems/1", ""],
];

const idsOfPair = (one: string, other: string) => {
  const stack = stackWith((raw) => changeHost(raw, 0, { bmc: { ...bmcOf(raw), address: one } }));
  const [first, second, ...rest] = stack.hosts;
  assert.ok(first !== undefined && second !== undefined);
  const hosts = [first, { ...second, bmc: { ...second.bmc, address: other } }, ...rest];
  const live: BareMetalHost = {
    apiVersion: "metal3.io/v1alpha1",
    kind: "BareMetalHost",
    metadata: { name: "db-1", namespace: "prod" },
    spec: { bmc: { address: other }, bootMACAddress: "aa:bb:cc:00:00:01" },
  };
  return {
    inFile: runChecks({ ...stack, hosts }).findings.filter(({ id }) => id === "hosts/bmc-address-unique"),
    inCluster: judgeRegisteredOnce(stack, [live]).problems,
  };
};

const bmcOf = (raw: Record<string, unknown>) =>
  (raw["hosts"] as readonly { readonly bmc: object }[])[0]?.bmc ?? {};

describe("BMC addresses of one server", () => {
  for (const [why, first, ...others] of same)
    for (const other of others)
      it(`are found in the stack file and in the management cluster: ${why}: ${other}`, () => {
        for (const [one, two] of [
          [first, other],
          [other, first],
        ] as const) {
          // The form of the address itself is another check's subject.
          const { inFile, inCluster } = idsOfPair(one, two);
          assert.equal(inFile.length, 1, "in the stack file");
          assert.deepEqual(
            inCluster.map(({ at }) => at),
            ["hosts[0].bmc.address"],
          );
        }
      });

  for (const [why, one, other] of distinct)
    it(`are not ${why}`, () => {
      const { inFile, inCluster } = idsOfPair(one, other);
      assert.deepEqual([inFile, inCluster], [[], []]);
    });

  it("are shown in both spellings, without a login", () => {
    const { inCluster } = idsOfPair("ipmi://10.250.251.99", "redfish://a:PLANTED@10.250.251.99");
    assert.match(
      inCluster[0]?.problem ?? "",
      /^"ipmi:\/\/10\.250\.251\.99" is also the BMC of BareMetalHost prod\/db-1, written "redfish:\/\/\*{3}@10\.250\.251\.99" there$/,
    );
  });
});
