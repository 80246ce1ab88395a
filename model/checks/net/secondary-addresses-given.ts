import { defineCheck } from "../check";

export const secondaryAddressesGiven = defineCheck({
  id: "net/secondary-addresses-given",
  why: "all machines of a pool register with the same families, so an address of the second one is for all of them, and needs its network",
  run: ({ hosts, network: { secondary } }) =>
    hosts.flatMap(({ name, address, secondaryAddress }, i) => {
      if (secondaryAddress !== undefined && (secondary === undefined || address === undefined)) {
        return [
          {
            at: `hosts[${i}].secondaryAddress`,
            problem: `"${secondaryAddress}" of ${name} is used by nothing: ${secondary === undefined ? "there is no network.secondary" : "the host has no fixed address"}`,
            fix:
              secondary === undefined
                ? "add network.secondary, or remove it"
                : "add the host's address, or remove it",
          },
        ];
      }
      if (secondary === undefined || address === undefined || secondaryAddress !== undefined) return [];
      return [
        {
          at: `hosts[${i}].secondaryAddress`,
          problem: `${name} has ${address}, and no address in network.secondary ${secondary.nodes}`,
          fix: `add a free address inside ${secondary.nodes}`,
        },
      ];
    }),
});
