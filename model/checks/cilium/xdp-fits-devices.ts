import type { Host, Stack } from "../../config/schema";
import { nodeLinkOf } from "../../plan/node-link";
import { linksOf } from "../links/host-links";
import { defineCheck } from "../check";
import { value } from "./user-values";

/** Bonds into which the kernel loads XDP programs (bond_xdp_check in drivers/net/bonding/bond_main.c). */
const xdpModes = ["balance-rr", "active-backup", "balance-xor", "802.3ad"];

/** Drivers load XDP programs on ports and some bonds; the kernel's VLAN device has no such driver at all. */
export const xdpFitsDevices = defineCheck({
  id: "cilium/xdp-fits-devices",
  why: "the agent cannot load its XDP program and tries again without end: no pod gets a network",
  run: (stack) => {
    if (value(stack, "loadBalancer.acceleration") !== "native") return [];
    const unfit = new Map<string, string[]>();
    for (const [i, host] of stack.hosts.entries()) {
      for (const device of devicesOf(stack, host, i)) {
        const reason = unfitness(host, device);
        if (reason !== undefined) unfit.set(reason, [...(unfit.get(reason) ?? []), host.name]);
      }
    }
    if (unfit.size === 0) return [];
    const found = [...unfit].map(([reason, hosts]) => `${reason} (${shortList(hosts)})`);
    return [
      {
        at: "cilium.values.loadBalancer.acceleration",
        problem: `"native" cannot be loaded: ${found.join("; ")}`,
        fix: "write best-effort or disabled, or give nodes their address on a port or a bond without a VLAN",
      },
    ];
  },
});

/** Those that `devices` in cilium.values names, else the one that carries the node's address. */
function devicesOf(stack: Stack, host: Host, i: number): readonly string[] {
  const chosen = value(stack, "devices");
  const patterns = (Array.isArray(chosen) ? chosen : typeof chosen === "string" ? chosen.split(/[\s,]+/) : [])
    .map(String)
    .filter((each) => each !== "");
  if (patterns.length === 0) return [nodeLinkOf(host)].flatMap((name) => name ?? []);
  return linksOf(host, i)
    .map(({ name }) => name)
    .filter((name) =>
      patterns.some((each) => (each.endsWith("+") ? name.startsWith(each.slice(0, -1)) : name === each)),
    );
}

function unfitness(host: Host, device: string): string | undefined {
  if (host.vlans.some(({ name }) => name === device)) return `${device} is a VLAN`;
  const bond = host.bonds.find(({ name }) => name === device);
  if (bond === undefined || xdpModes.includes(bond.mode)) return undefined;
  return `${device} is a bond in mode ${bond.mode}`;
}

function shortList(names: readonly string[]): string {
  return names.length <= 3
    ? names.join(", ")
    : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more hosts`;
}
