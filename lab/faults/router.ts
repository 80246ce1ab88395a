import type { Fault, FaultContext } from "./fault";
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

/** Restarts the routers with a mistake in their configuration. */
export async function misconfigure(stage: FaultContext, edit: RouterEdit): Promise<void> {
  for (const router of stage.routers) {
    await router.stop();
    await router.start(edit(router.order.configuration));
  }
}

/** Restarts the routers with what the program generates. */
export async function restoreConfiguration(stage: FaultContext): Promise<void> {
  for (const router of stage.routers) {
    await router.stop();
    await router.start();
  }
}

/** The router is away when the nodes first call it, and comes back: the wait must outlast it. */
export const routerDown: Fault = {
  name: "router-down",
  breaks: "the router is down for 40 s from the moment the nodes call it",
  during: "up",
  when: { once: "bgp-speaker-started" },
  inject: async (stage) => {
    for (const router of stage.routers) await router.stop();
  },
  recoversAfterSeconds: 40,
  repair: async (stage) => {
    for (const router of stage.routers) if (!router.runs) await router.start();
  },
  mustEnd: {
    as: "success",
    withinSeconds: 600,
    notBeforeSeconds: 40,
    printing: [/ active$/m, / established$/m],
  },
};
