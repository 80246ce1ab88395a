import { bmcOf, parseBmcAddress, shownBmcAddress, systemPathOf } from "../../bmc/address";
import { defineCheck } from "../check";

export const bmcAddressUnique = defineCheck({
  id: "hosts/bmc-address-unique",
  why: "one server would be switched on and off for two hosts",
  acceptable: false,
  run: ({ hosts }) => {
    const seen = new Map<string, { readonly i: number; readonly system: string | undefined }[]>();
    return hosts.flatMap(({ bmc }, i) => {
      const address = parseBmcAddress(bmc.address);
      if (address === undefined) return [];
      const key = bmcOf(address);
      const system = systemPathOf(address);
      const before = seen.get(key) ?? [];
      seen.set(key, [...before, { i, system }]);
      // A chassis answers for several systems; without a path there is only one.
      const twin = before.find(
        (other) => other.system === system || other.system === undefined || system === undefined,
      );
      if (twin === undefined) return [];
      return [
        {
          at: `hosts[${i}].bmc.address`,
          problem: `"${shownBmcAddress(bmc.address)}" is the same system as the bmc.address of hosts[${twin.i}] (${hosts[twin.i]?.name})`,
          fix: "correct one of the two",
        },
      ];
    });
  },
});
