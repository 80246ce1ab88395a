import type { Host } from "../../config/schema";
import { addressingOf } from "../../plan/addressing";
import { namedLinks } from "../../plan/node-link";
import { type CheckResult, defineCheck } from "../check";
import { repeated } from "../repeated";

/** What Metal3DataTemplate takes (CAPM3 v1.14 api/v1beta2/metal3datatemplate_types.go). */
const nameForm = /^[a-zA-Z][a-zA-Z0-9._-]*$/;
const [leastMtu, mostMtu] = [1280, 9000];

export const poolLinksForm = defineCheck({
  id: "metal3/pool-links-form",
  why: "Metal3DataTemplate, which carries the links of machines with an address from a pool, takes fewer names and MTUs than Linux, and one VLAN of each id",
  acceptable: false,
  run: (stack) =>
    stack.hosts.flatMap((host, i) => (addressingOf(stack, host.pool) === "pool" ? ofHost(host, i) : [])),
});

function ofHost(host: Host, i: number): readonly CheckResult[] {
  return [
    ...namedLinks(host).flatMap(({ at, name, mtu }) => [
      ...(nameForm.test(name)
        ? []
        : [
            {
              at: `hosts[${i}].${at}.name`,
              problem: `"${name}" is no name that Metal3 takes`,
              fix: "begin with a letter, and use letters, digits, dots, dashes and underscores only",
            },
          ]),
      ...(mtu === undefined || (mtu >= leastMtu && mtu <= mostMtu)
        ? []
        : [
            {
              at: `hosts[${i}].${at}.mtu`,
              problem: `${mtu} of ${name} is outside of ${leastMtu} to ${mostMtu}`,
              fix: `write at ${mtu < leastMtu ? "least" : "most"} ${mtu < leastMtu ? leastMtu : mostMtu}, or give the hosts of the pool addresses`,
            },
          ]),
    ]),
    ...repeated(
      host.vlans.map(({ id, name }, j) => ({ at: `hosts[${i}].vlans[${j}].id`, id, name })),
      ({ id }) => String(id),
    ).map(([first, again]) => ({
      at: again.at,
      problem: `VLAN ${again.id} of ${again.name} is also that of ${first.name}`,
      fix: "give each VLAN its own id, or the hosts of the pool addresses",
    })),
  ];
}
