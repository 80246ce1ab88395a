import { allFamilies, familyOf } from "../../bgp/family";
import { defineCheck } from "../check";
import { routersOf } from "./places";

export const routerAddressPerFamily = defineCheck({
  id: "bgp/router-address-per-family",
  why: "one session per family is made, to the first address of that family",
  run: ({ bgp }) =>
    routersOf(bgp).flatMap(({ router, at }) =>
      allFamilies.flatMap((family) => {
        const own = router.addresses.filter((address) => familyOf(address) === family);
        if (own.length < 2) return [];
        return [
          {
            at: `${at}.addresses`,
            problem: `${router.name} has ${own.length} ${family} addresses: ${own.join(", ")}`,
            fix: "write one per family, and further routers as routers of their own",
          },
        ];
      }),
    ),
});
