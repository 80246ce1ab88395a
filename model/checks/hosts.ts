import type { Stack } from "../config/schema";
import { hostsOf } from "../plan/addressing";
import { controlPlanePool } from "../plan/labels";
import { type Check, defineCheck, pairs } from "./check";

/** What baremetal-operator v0.13 registers (facts/capi-metal3.md 4.1); idrac, ilo4, ilo5 and irmc are gone. */
const bmcSchemes = [
  "redfish",
  "redfish-virtualmedia",
  "redfish-uefihttp",
  "idrac-redfish",
  "idrac-virtualmedia",
  "ilo5-redfish",
  "ilo5-virtualmedia",
];

/** Checks of the inventory. */
export const hostChecks: readonly Check[] = [
  unique("hosts/names-unique", "two hosts of one name are one object", "name", ({ name }) => name),
  unique("hosts/mac-unique", "the provisioner tells servers apart by their MAC address", "mac", ({ mac }) =>
    mac.toLowerCase(),
  ),
  unique(
    "hosts/bmc-address-unique",
    "one server would be switched on and off for two hosts",
    "bmc.address",
    ({ bmc }) => bmc.address,
  ),
  defineCheck({
    id: "hosts/mac-format",
    why: "Metal3 refuses another spelling",
    run: ({ hosts }) =>
      hosts.flatMap(({ mac }, i) =>
        /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)
          ? []
          : [
              {
                at: `hosts[${i}].mac`,
                problem: `"${mac}" is no MAC address`,
                fix: "write six hexadecimal pairs with colons, such as 52:54:00:aa:00:01",
              },
            ],
      ),
  }),
  defineCheck({
    id: "hosts/bmc-scheme-known",
    why: "Metal3 has no driver for another scheme, and the host would never register",
    run: ({ hosts }) =>
      hosts.flatMap(({ bmc }, i) => {
        const scheme = bmc.address.split("://")[0] ?? "";
        const known = [
          "ipmi",
          "libvirt",
          ...bmcSchemes.flatMap((name) => [name, `${name}+http`, `${name}+https`]),
        ];
        if (bmc.address.includes("://") && known.includes(scheme)) return [];
        return [
          {
            at: `hosts[${i}].bmc.address`,
            problem: `"${bmc.address}" has no known BMC scheme`,
            fix: "write for example redfish-virtualmedia://10.250.251.11/redfish/v1/Systems/1",
          },
        ];
      }),
  }),
  defineCheck({
    id: "hosts/bmc-login-given",
    why: "a host cannot be registered without a login",
    run: (stack) =>
      stack.hosts.flatMap(({ name, bmc }, i) => {
        const existing = bmc.existingSecret ?? stack.bmc.existingSecret;
        const login = (bmc.username ?? stack.bmc.username) && (bmc.password ?? stack.bmc.password);
        if (existing !== undefined || login !== undefined) return [];
        return [
          {
            at: `hosts[${i}].bmc`,
            problem: `${name} has no BMC login`,
            fix: "pulumi config set --secret --path 'metal:bmc.password', and set metal:bmc.username",
          },
        ];
      }),
  }),
  defineCheck({
    id: "hosts/pool-exists",
    why: "a host in an unknown pool never becomes a machine",
    run: (stack) => {
      const pools = [controlPlanePool, ...stack.workers.map(({ name }) => name)];
      return stack.hosts.flatMap(({ pool }, i) =>
        pools.includes(pool)
          ? []
          : [
              {
                at: `hosts[${i}].pool`,
                problem: `there is no pool "${pool}"`,
                fix: `use one of ${pools.join(", ")}`,
              },
            ],
      );
    },
  }),
  defineCheck({
    id: "hosts/enough-per-pool",
    why: "a machine without a host waits for ever",
    run: (stack) => [
      ...tooFew(stack, controlPlanePool, stack.controlPlane.replicas, "controlPlane.replicas"),
      ...stack.workers.flatMap(({ name, replicas }, i) =>
        tooFew(stack, name, replicas, `workers[${i}].replicas`),
      ),
    ],
  }),
  defineCheck({
    id: "hosts/pool-addressing-uniform",
    why: "all machines of a pool are made from one template, which either reads a fixed address or does not",
    run: (stack) =>
      [controlPlanePool, ...stack.workers.map(({ name }) => name)].flatMap((pool) => {
        const hosts = hostsOf(stack, pool);
        const without = hosts.filter(({ address }) => address === undefined);
        if (without.length === 0 || without.length === hosts.length) return [];
        return [
          {
            at: "hosts",
            problem: `in pool ${pool}, ${without.map(({ name }) => name).join(", ")} has no address and others have one`,
            fix: "give every host of the pool an address, or none",
          },
        ];
      }),
  }),
  defineCheck({
    id: "hosts/name-not-uuid",
    why: "Metal3 refuses names that look like a UUID",
    run: ({ hosts }) =>
      hosts.flatMap(({ name }, i) =>
        /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(name)
          ? [
              {
                at: `hosts[${i}].name`,
                problem: `"${name}" looks like a UUID`,
                fix: "choose another name, such as cp-1",
              },
            ]
          : [],
      ),
  }),
];

function unique(id: string, why: string, key: string, of: (host: Stack["hosts"][number]) => string): Check {
  return defineCheck({
    id,
    why,
    run: ({ hosts }) =>
      pairs(hosts.map((host, i) => ({ host, i })))
        .filter(([a, b]) => of(a.host) === of(b.host))
        .map(([a, b]) => ({
          at: `hosts[${b.i}].${key}`,
          problem: `"${of(b.host)}" is also the ${key} of hosts[${a.i}] (${a.host.name})`,
          fix: "correct one of the two",
        })),
  });
}

function tooFew(stack: Stack, pool: string, replicas: number, at: string) {
  const hosts = hostsOf(stack, pool).length;
  if (hosts >= replicas) return [];
  return [
    {
      at,
      problem: `${replicas} machines of pool ${pool} need as many hosts, there are ${hosts}`,
      fix: `add ${replicas - hosts} to hosts, or write ${hosts}`,
    },
  ];
}
