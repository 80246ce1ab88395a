import type { Stack } from "../../stack/schema";
import { familyOf } from "../../net/addresses";
import { listed, nearest } from "../../text/wording";
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

type Bond = Stack["hosts"][number]["bonds"][number];

const failingOver: readonly Bond["mode"][] = ["active-backup", "balance-tlb", "balance-alb"];

/** The modes in which the kernel reads an option (Documentation/networking/bonding.rst). */
const modesOf: Readonly<Partial<Record<keyof Bond, readonly Bond["mode"][]>>> = {
  lacpRate: ["802.3ad"],
  adSelect: ["802.3ad"],
  minLinks: ["802.3ad"],
  primary: failingOver,
  primaryReselect: failingOver,
  failOverMac: ["active-backup"],
  gratuitousArp: ["active-backup"],
};

/** The modes that monitor their ports by the link state only: the kernel refuses ARP monitoring for them. */
const withoutArp: readonly Bond["mode"][] = ["802.3ad", "balance-tlb", "balance-alb"];

/** Options without effect, each with what they need. */
function unusedOptions(bond: Bond): readonly { readonly key: keyof Bond; readonly needs: string }[] {
  const arp = bond.arpInterval !== undefined;
  const inMode = Object.entries(modesOf).flatMap(([key, modes]) => {
    const option = key as keyof Bond;
    return bond[option] === undefined || modes.includes(bond.mode)
      ? []
      : [{ key: option, needs: `mode ${modes.join(", ")}` }];
  });
  const further = [
    {
      key: "primaryReselect",
      unused: bond.primary === undefined && failingOver.includes(bond.mode),
      needs: "primary",
    },
    { key: "arpTargets", unused: !arp, needs: "arpInterval" },
    { key: "arpValidate", unused: !arp, needs: "arpInterval" },
    { key: "upDelay", unused: arp, needs: "monitoring by miimon, without arpInterval" },
    { key: "downDelay", unused: arp, needs: "monitoring by miimon, without arpInterval" },
  ] as const;
  const isGiven = (key: keyof Bond) => bond[key] !== undefined && (bond[key] as unknown[]).length !== 0;
  return [...inMode, ...further.filter(({ key, unused }) => unused && isGiven(key))];
}

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
  defineCheck({
    id: "links/bond-options-used",
    summary: "Options of a bond have an effect in its mode.",
    why: "the kernel ignores an option that its mode does not read, or refuses the whole bond",
    severity: "warning",
    run: (stack) =>
      bondsOf(stack).flatMap((bond) =>
        unusedOptions(bond).map(({ key, needs }) => ({
          at: `${bond.at}.${key}`,
          problem: `${key} of ${bond.name} has no effect in mode ${bond.mode}`,
          fix: `remove it; it needs ${needs}`,
        })),
      ),
  }),
  defineCheck({
    id: "links/bond-primary-member",
    summary: "The primary port of a bond is one of its members.",
    why: "the kernel refuses the option, and the bond fails over without a preference",
    run: (stack) =>
      bondsOf(stack).flatMap(({ primary, links, name, at }) => {
        if (primary === undefined || links.includes(primary)) return [];
        const guess = nearest(primary, links);
        return {
          at: `${at}.primary`,
          problem: `"${primary}" is not a member of ${name}`,
          fix: guess === undefined ? `write one of ${listed(links)}` : `did you mean "${guess}"?`,
          ...(guess === undefined ? {} : { write: guess }),
        };
      }),
  }),
  defineCheck({
    id: "links/bond-monitoring-possible",
    summary: "A bond with ARP monitoring has IPv4 targets and a mode that the kernel monitors by ARP.",
    why: "the bond is created without any monitoring, and a dead port stays in use",
    run: (stack) =>
      bondsOf(stack).flatMap(({ arpInterval, arpTargets, mode, at }) => {
        if (arpInterval === undefined) return [];
        if (withoutArp.includes(mode)) {
          return {
            at: `${at}.arpInterval`,
            problem: `mode ${mode} monitors its ports by their link state only`,
            fix: "remove arpInterval, arpTargets and arpValidate",
          };
        }
        const others = arpTargets.filter((text) => familyOf(text) !== "ipv4");
        if (arpTargets.length > 0 && others.length === 0) return [];
        return {
          at: `${at}.arpTargets`,
          problem:
            others.length === 0
              ? "there is no address that the bond could ask for"
              : `${others.join(", ")} is not IPv4`,
          fix: "write one or two IPv4 addresses that always answer, such as the gateway's",
        };
      }),
  }),
  defineCheck({
    id: "links/bond-delays-multiples",
    summary: "The delays of a bond are multiples of its monitoring interval.",
    why: "the kernel rounds a delay down to a multiple of miimon",
    severity: "warning",
    run: (stack) =>
      bondsOf(stack).flatMap(({ miimon, arpInterval, at, ...bond }) =>
        (["upDelay", "downDelay"] as const).flatMap((key) => {
          const delay = bond[key];
          if (delay === undefined || arpInterval !== undefined || delay % miimon === 0) return [];
          return {
            at: `${at}.${key}`,
            problem: `${delay} ms is not a multiple of miimon, ${miimon} ms`,
            fix: `write ${Math.max(1, Math.round(delay / miimon)) * miimon}`,
          };
        }),
      ),
  }),
];
