import { defineCheck } from "../check";
import { peersOf } from "./places";

/** Is a text of so many numbers with colons between, each within its bound? */
function hasForm(text: string, parts: number, most: number): boolean {
  const numbers = text.split(":");
  return numbers.length === parts && numbers.every((part) => /^\d{1,10}$/.test(part) && Number(part) <= most);
}

export const communitiesForm = defineCheck({
  id: "bgp/communities-form",
  why: "the API refuses another form, once the cluster is up",
  run: ({ bgp }) =>
    peersOf(bgp).flatMap(({ peer, at }) => {
      const places = [
        { at: `${at}.advertise.attributes`, ...peer.advertise.attributes.communities },
        ...peer.advertise.services.map((entry, i) => ({
          at: `${at}.advertise.services[${i}].attributes`,
          ...entry.attributes.communities,
        })),
      ];
      return places.flatMap(({ at: place, standard, large }) => [
        ...standard
          .filter((text) => !hasForm(text, 2, 65_535))
          .map((text) => ({
            at: `${place}.communities.standard`,
            problem: `"${text}" is no community`,
            fix: "write two numbers up to 65535, such as 65010:100",
          })),
        ...large
          .filter((text) => !hasForm(text, 3, 4_294_967_295))
          .map((text) => ({
            at: `${place}.communities.large`,
            problem: `"${text}" is no large community`,
            fix: "write three numbers up to 4294967295, such as 65010:100:1",
          })),
      ]);
    }),
});
