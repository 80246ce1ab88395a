import { allFamilies, familyOf } from "../../bgp/family";
import { localAddressesOf, selectedHosts } from "../../bgp/nodes";
import { sessionsOf } from "../../bgp/sessions";
import type { Bgp, Stack } from "../../config/schema";
import { type CheckResult, defineCheck } from "../check";

export const localAddressPerSession = defineCheck({
  id: "bgp/local-address-per-session",
  why: "a session starts from one address; one that no session takes is not what its router waits for",
  run: (stack) => {
    const { bgp } = stack;
    if (bgp === undefined) return [];
    return bgp.nodeOverrides.flatMap((override, i) => {
      const at = `bgp.nodeOverrides[${i}].localAddresses`;
      const routers = routersOf(stack, bgp, override.host);
      const own = localAddressesOf(override).map((entry) => ({ ...entry, family: familyOf(entry.address) }));
      const unknown = own.flatMap(({ router, family }, j): CheckResult[] => {
        const known = routers.filter((one) => one.families.includes(family)).map(({ name }) => name);
        return router === undefined || routers.length === 0 || known.includes(router)
          ? []
          : [
              {
                at: `${at}[${j}].router`,
                problem: `${override.host} has no ${family} session with a router "${router}"`,
                fix: known.length === 0 ? "remove the entry" : `use one of ${known.join(", ")}`,
              },
            ];
      });
      const ambiguous = [undefined, ...new Set(own.flatMap(({ router }) => router ?? []))].flatMap((router) =>
        allFamilies.flatMap((family): CheckResult[] => {
          const same = own.filter((each) => each.router === router && each.family === family);
          if (same.length < 2) return [];
          const addresses = same.map(({ address }) => address);
          return [
            {
              at,
              problem: `${addresses.join(", ")}: ${same.length} ${family} addresses for ${router ?? "every router"}`,
              fix:
                router === undefined
                  ? `say which router each is for, such as { router: ${routers[0]?.name ?? "tor-1"}, address: "${addresses[0] ?? ""}" }`
                  : "write one of them",
            },
          ];
        }),
      );
      return [...unknown, ...ambiguous];
    });
  },
});

/** The routers with which a host's node has sessions, and their families. */
function routersOf(stack: Stack, bgp: Bgp, host: string) {
  const sessions = sessionsOf(bgp).filter(({ instance }) =>
    selectedHosts(stack, instance).some(({ name }) => name === host),
  );
  return [...new Set(sessions.map(({ router }) => router.name))].map((name) => ({
    name,
    families: sessions.filter(({ router }) => router.name === name).map(({ family }) => family),
  }));
}
