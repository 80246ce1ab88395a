import { contains, parseAddress, parseCidr } from "../../model/net/addresses";

/** A mistake in a router's configuration: FRR text to FRR text. */
export type RouterEdit = (configuration: string) => string;

/** The two ASNs change places, as if the halves had been written by two people. */
export const swapAsns: RouterEdit = (configuration) => {
  const own = /^router bgp (\d+)$/m.exec(configuration)?.[1];
  const theirs = /^ neighbor \S+ remote-as (\d+)$/m.exec(configuration)?.[1];
  if (own === undefined || theirs === undefined) throw new Error("the configuration names no two ASNs");
  return configuration
    .replace(/^router bgp \d+$/m, `router bgp ${theirs}`)
    .replaceAll(/^( neighbor \S+ remote-as )\d+$/gm, `$1${own}`);
};

/** Another TCP MD5 password; a router that had none gets one. */
export const changePassword: RouterEdit = (configuration) => {
  const password = "not-the-nodes-password";
  const changed = configuration.replaceAll(/^( neighbor \S+ password ).*$/gm, `$1${password}`);
  if (changed !== configuration) return changed;
  return configuration.replaceAll(
    /^ neighbor (\S+) remote-as \d+$/gm,
    (line, group: string) => `${line}\n neighbor ${group} password ${password}`,
  );
};

/** The router does not expect one node: its line is missing, or the listen range ends before it. */
export const forgetNode =
  (address: string, others: readonly string[]): RouterEdit =>
  (configuration) =>
    configuration
      .split("\n")
      .filter((line) => !line.startsWith(` neighbor ${address} `))
      .flatMap((line) => {
        const [, range = "", group = ""] = /^ bgp listen range (\S+) peer-group (\S+)$/.exec(line) ?? [];
        const outer = parseCidr(range);
        if (outer === undefined) return [line];
        const inside = others
          .flatMap((each) => parseAddress(each) ?? [])
          .filter((each) => contains(outer, each));
        return inside.map(
          ({ text, family }) => ` bgp listen range ${text}/${family === 4 ? 32 : 128} peer-group ${group}`,
        );
      })
      .join("\n");

/** The router takes nothing of the first network that it should accept, which is the pods'. */
export const filterPods: RouterEdit = (configuration) =>
  configuration.replace(/^(ip(?:v6)? prefix-list \S+ seq \d+) permit/m, "$1 deny");

/** The router cuts a session that brings more than this. */
export const limitPrefixes =
  (most: number): RouterEdit =>
  (configuration) =>
    configuration.replaceAll(/^( *neighbor \S+ maximum-prefix) \d+$/gm, `$1 ${most}`);
