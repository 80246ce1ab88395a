import type { Host } from "../../config/schema";
import { defineCheck } from "../check";

/** What an interface has when nobody sets it. */
const usual = 1500;

export const mtuFitsBelow = defineCheck({
  id: "links/mtu-fits-below",
  why: "packets larger than the interface below takes are dropped: small requests work, images and joins hang",
  run: ({ hosts }) => hosts.flatMap((host, i) => [...bonds(host, i), ...vlans(host, i)]),
});

function bonds(host: Host, i: number) {
  return host.bonds.flatMap(({ name, links, mtu = usual }, j) =>
    host.links
      .filter((link) => links.includes(link.name) && (link.mtu ?? usual) < mtu)
      .map((link) => tooLarge(`hosts[${i}].bonds[${j}].mtu`, name, mtu, link.name, link.mtu ?? usual)),
  );
}

function vlans(host: Host, i: number) {
  return host.vlans.flatMap(({ name, link, mtu = usual }, j) =>
    [...host.links, ...host.bonds]
      .filter((below) => below.name === link && (below.mtu ?? usual) < mtu)
      .map((below) => tooLarge(`hosts[${i}].vlans[${j}].mtu`, name, mtu, below.name, below.mtu ?? usual)),
  );
}

function tooLarge(at: string, name: string, mtu: number, below: string, most: number) {
  return {
    at,
    problem: `${mtu} of ${name} is more than the ${most} of ${below} below it`,
    fix: `write at most ${most}, or mtu: ${mtu} for ${below}`,
  };
}
