import type { Stack } from "../../stack/schema";
import { listed } from "../../text/wording";
import { type Check, defineCheck, repeated } from "../check";
import { linksByName } from "./interfaces";

/** Every bond with its host and its place in the stack file. */
function bondsOf({ hosts }: Stack) {
  return hosts.flatMap((host, i) =>
    host.bonds.map((bond, j) => ({
      ...bond,
      number: j,
      host,
      hostAt: `hosts[${i}]`,
      at: `hosts[${i}].bonds[${j}]`,
    })),
  );
}

/** Bond modes that spread traffic by a hash. */
const hashing = ["balance-xor", "802.3ad", "balance-tlb"];

/** Checks of bonds. */
export const bondChecks: readonly Check[] = [
  defineCheck({
    id: "links/bond-members-exist",
    summary: "Every bond member is a link of the host.",
    why: "the bond waits for a port that does not exist, and the machine boots without a network",
    run: (stack) =>
      bondsOf(stack).flatMap(({ host, hostAt, links, at }) => {
        const { ports } = linksByName(host);
        return links.flatMap((member, k) =>
          ports.has(member)
            ? []
            : {
                at: `${at}.links[${k}]`,
                problem: `"${member}" is not a link of ${host.name}`,
                fix:
                  ports.size === 0
                    ? `add it to ${hostAt}.links`
                    : `use ${listed([...ports.keys()])}, or add it to links`,
              },
        );
      }),
  }),
  defineCheck({
    id: "links/bond-member-once",
    summary: "Each port is a member of one bond at most.",
    why: "a port can be in one bond only, and the second bond comes up without it",
    run: (stack) =>
      repeated(
        bondsOf(stack).flatMap(({ hostAt, name, links, at }) =>
          links.map((member, k) => ({ at: `${at}.links[${k}]`, name, member, hostAt })),
        ),
        ({ hostAt, member }) => `${hostAt} ${member}`,
      ).map(([first, again]) => ({
        at: again.at,
        problem: `"${again.member}" is already in ${first.name} (${first.at})`,
        fix: "choose another port",
      })),
  }),
  defineCheck({
    id: "links/bond-members-several",
    summary: "Every bond has at least two ports.",
    why: "a bond of one port fails together with its port",
    severity: "warning",
    run: (stack) =>
      bondsOf(stack)
        .filter(({ links }) => links.length < 2)
        .map(({ name, links, at }) => ({
          at: `${at}.links`,
          problem: `${name} has one member, ${links.join()}`,
          fix: "add a second port, or use the port without a bond",
        })),
  }),
  defineCheck({
    id: "links/bond-names-kept",
    summary: "Bonds have the names that cloud-init gives them: bond0, bond1 and so on.",
    why: "cloud-init before 26.1 ignores other bond names, so kube-vip and the checks would look for an interface that the machine does not have",
    run: (stack) =>
      bondsOf(stack)
        .map((bond) => ({ ...bond, becomes: `bond${bond.number}` }))
        .filter(({ name, becomes }) => name !== becomes)
        .map(({ host, name, becomes, at }) => ({
          at: `${at}.name`,
          problem: `"${name}" becomes ${becomes} on ${host.name}`,
          fix: `write ${becomes} here, and wherever the name is used: vlans[].link, nodeLink, kubernetes.endpoint.interface; or accept this for an image with cloud-init 26.1`,
          write: becomes,
        })),
  }),
  defineCheck({
    id: "links/hash-policy-used",
    summary: "A transmit hash policy is set only for bond modes that hash.",
    why: "in this mode the bond does not hash, and the setting does not spread traffic",
    severity: "warning",
    run: (stack) =>
      bondsOf(stack)
        .filter(({ mode, transmitHashPolicy }) => transmitHashPolicy !== undefined && !hashing.includes(mode))
        .map(({ mode, transmitHashPolicy, at }) => ({
          at: `${at}.transmitHashPolicy`,
          problem: `"${transmitHashPolicy}" has no effect in mode ${mode}`,
          fix: `remove it, or use ${hashing.join(", ")}`,
        })),
  }),
  defineCheck({
    id: "links/miimon-realistic",
    summary: "Bonds check their ports every 20 to 1000 milliseconds.",
    why: "packets on a dead port are lost until the bond notices; checking too often costs a CPU core",
    severity: "warning",
    run: (stack) =>
      bondsOf(stack)
        .filter(({ miimon }) => miimon < 20 || miimon > 1000)
        .map(({ miimon, at }) => ({
          at: `${at}.miimon`,
          problem: `${miimon} ms between two checks of the ports`,
          fix: "write 20 to 1000 milliseconds, usually 100",
        })),
  }),
];
