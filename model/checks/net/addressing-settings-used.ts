import { addressingOf, hasSecondaryAddresses } from "../../plan/addressing";
import { poolMachines } from "../../plan/machines";
import { defineCheck } from "../check";

export const addressingSettingsUsed = defineCheck({
  id: "net/addressing-settings-used",
  severity: "warning",
  why: "the setting reaches no machine, and whoever wrote it believes that it does",
  run: (stack) => {
    const used = new Set(poolMachines(stack).map(({ pool }) => addressingOf(stack, pool)));
    const { addressPool, gateway, dns, secondary } = stack.network;
    const pools = poolMachines(stack).map(({ pool }) => pool);
    const onlyDhcp = used.size === 1 && used.has("dhcp");
    return [
      ...(addressPool !== undefined && !used.has("pool")
        ? [
            {
              at: "network.addressPool",
              problem: "every host has a fixed address, so nothing takes one from the pool",
              fix: "remove network.addressPool, or the addresses of the hosts that it is for",
            },
          ]
        : []),
      ...(secondary?.addressPool !== undefined && !used.has("pool")
        ? [
            {
              at: "network.secondary.addressPool",
              problem: "no machine takes its address from a pool",
              fix: "remove it, or add network.addressPool and leave the addresses of the hosts out",
            },
          ]
        : []),
      ...(secondary !== undefined && !pools.some((pool) => hasSecondaryAddresses(stack, pool))
        ? [
            {
              at: "network.secondary",
              problem: "no machine gets an address in it",
              fix: "give each host a secondaryAddress, or add network.secondary.addressPool where addresses come from a pool",
            },
          ]
        : []),
      ...[...(gateway === undefined ? [] : ["network.gateway"]), ...(dns.length === 0 ? [] : ["network.dns"])]
        .filter(() => onlyDhcp)
        .map((at) => ({
          at,
          problem: `all machines use DHCP, and ${at} is written to none of them`,
          fix: `remove ${at} and let the DHCP server announce it`,
        })),
    ];
  },
});
