import fs from "node:fs";
import path from "node:path";
import { parseDocument } from "yaml";
import { resources } from "../../../model/kubernetes/resources";
import type { Router } from "../../../lab/router";
import { installedFrr } from "../../../lab/router/frr-router";
import {
  type RouterEdit,
  changePassword,
  filterPods,
  forgetNode,
  limitPrefixes,
  swapAsns,
} from "../../../lab/faults/router";
import { playScenarios, type Scenarios } from "../scenarios";
import { BgpStage, loadBalancer, statesOf, type Waited } from "./stage";

/** The example stack with what these scenarios need: a password, a listen range with room, short times. */
function stackText(): string {
  const file = path.join(__dirname, "..", "..", "..", "Pulumi.capi-1.yaml");
  const document = parseDocument(fs.readFileSync(file, "utf8"));
  const bgp = ["config", "metal:bgp"];
  document.setIn([...bgp, "routers", 0, "listenRanges"], ["10.250.250.16/29"]);
  document.setIn([...bgp, "routers", 0, "announceDefaultRoute"], true);
  const peer = [...bgp, "instances", 0, "peers", 0];
  document.setIn([...peer, "holdTimeSeconds"], 9);
  document.setIn([...peer, "keepAliveTimeSeconds"], 3);
  return document.toString();
}

const SECRETS = new Map([
  ["metal:bmc.password", "throw-away"],
  ["metal:bgp.instances[0].peers[0].password", "s3cret-of-the-nodes"],
]);

const address = (i: number) => `10.250.250.${20 + i}`;
const addNode = (stage: BgpStage, i: number) => stage.addNode(`node-${i}`, address(i), `10.244.${i}.0/24`);

/** The whole of a router's table, as `prefix via next hops`. */
async function tableOf(router: Router): Promise<string[]> {
  const paths = await router.paths();
  const prefixes = [...new Set(paths.map(({ prefix }) => prefix))].sort();
  return prefixes.map((prefix) => {
    const hops = paths.filter((each) => each.prefix === prefix && each.valid).map(({ nextHop }) => nextHop);
    return `${prefix} via ${hops.sort().join(" ")}`;
  });
}

async function until(what: string, seconds: number, is: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await is())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function expectEqual(what: string, found: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}

const pods = (count: number) => Array.from({ length: count }, (_, i) => `10.244.${i}.0/24 via ${address(i)}`);
const all = (count: number) => Array.from({ length: count }, (_, i) => address(i)).join(" ");

/** What each scenario is given. */
interface Site {
  readonly stage: BgpStage;
  readonly router: Router;
}

/** In this order: each goes on where the one before left off. */
export const SCENARIOS: Scenarios<Site> = {
  "establishes a session per node, and the program sees it": async ({ stage, router }) => {
    for (let i = 0; i < 3; i += 1) await addNode(stage, i);
    await stage.applyPlan();
    const waited = await stage.wait(60);
    if (waited.code !== 0) throw new Error(waited.output);
    await until("every pod network is on the router", 10, async () => (await tableOf(router)).length === 3);
    expectEqual("routes", await tableOf(router), pods(3));
  },

  "announces a service's address from every node, and takes it back": async ({ stage, router }) => {
    await stage.create(loadBalancer("lb"));
    const wanted = [...pods(3), `10.250.249.0/32 via ${all(3)}`];
    await until("the service's address is on the router", 20, async () => {
      return JSON.stringify(await tableOf(router)) === JSON.stringify(wanted);
    });
    await stage.api.delete(resources.Service, "lb", "default");
    await until("it is gone again", 20, async () => (await tableOf(router)).length === 3);
  },

  "scales out by one node without a change on the router": async ({ stage, router }) => {
    await addNode(stage, 3);
    const waited = await stage.wait(60);
    if (waited.code !== 0) throw new Error(waited.output);
    await until("its pod network is on the router", 10, async () => (await tableOf(router)).length === 4);
    expectEqual("routes", await tableOf(router), pods(4));
  },

  "keeps a crashed agent's routes on the router until it is back": async ({ stage, router }) => {
    const crash = stage.crashAgent("node-0", 3);
    await until("the router noticed", 5, async () => {
      const peer = (await router.peers()).find((each) => each.address === address(0));
      return peer?.established !== true;
    });
    expectEqual("routes", await tableOf(router), pods(4));
    await crash;
    await until(
      "the session is back",
      20,
      async () => (await router.peers()).filter((each) => each.established).length === 4,
    );
    expectEqual("routes", await tableOf(router), pods(4));
  },

  "comes back after the router was down": async ({ stage, router }) => {
    await router.stop();
    await until("the nodes say that it is down", 20, async () => {
      const { items } = await stage.api.list(resources.CiliumBGPNodeConfig);
      return items.every((config) => statesOf(config).every((state) => state !== "established"));
    });
    await router.start();
    const waited = await stage.wait(60);
    if (waited.code !== 0) throw new Error(waited.output);
    await until("all is on the router again", 20, async () => (await tableOf(router)).length === 4);
    expectEqual("differences", await stage.differences(), []);
  },

  "names prefixes that the router filters": async ({ stage, router }) => {
    await misconfigured(router, filterPods, async () => {
      const waited = await stage.wait(60);
      if (waited.code !== 0) throw new Error(waited.output);
      expectEqual("differences", await stage.differences(), ["bgp/routes-received"]);
    });
  },

  "names swapped ASNs": ({ stage, router }) => named(stage, router, swapAsns, "bgp/asn-agreed", 60),

  "names another password": ({ stage, router }) =>
    named(stage, router, changePassword, "bgp/password-agreed", 30),

  "names a node that the router does not expect": ({ stage, router }) =>
    named(stage, router, forgetNode(address(3), [0, 1, 2].map(address)), "bgp/neighbour-configured", 20),

  "names a limit on prefixes": async ({ stage, router }) => {
    // FRR counts before it adds, so the first prefix over the limit slips in: two are too many for certain.
    for (const name of ["one-too-many", "two-too-many"]) await stage.create(loadBalancer(name));
    await named(stage, router, limitPrefixes(1), "bgp/prefixes-below-maximum", 60);
  },

  "names a router that is down": async ({ stage, router }) => {
    await router.stop();
    told(await stage.wait(30, 0.1), "bgp/router-answers: no BGP daemon listens");
  },
};

/** Scenarios that edit the configuration of a FRR; its replacement takes no other than the planned one. */
export const FRR_SCENARIOS: readonly string[] = [
  "names prefixes that the router filters",
  "names swapped ASNs",
  "names another password",
  "names a node that the router does not expect",
  "names a limit on prefixes",
];

/** Runs with a mistake in the router's configuration, and leaves it right. */
async function misconfigured(router: Router, edit: RouterEdit, work: () => Promise<void>): Promise<void> {
  await router.stop();
  await router.start(edit(router.order.configuration));
  try {
    await work();
  } finally {
    await router.stop();
    await router.start();
  }
}

/** The program must give up or run out of time, and say the cause. */
function named(
  stage: BgpStage,
  router: Router,
  edit: RouterEdit,
  id: string,
  seconds: number,
): Promise<void> {
  return misconfigured(router, edit, async () => told(await stage.wait(seconds, 0.1), id));
}

function told({ code, output }: Waited, words: string): void {
  if (code !== 1 || !output.replaceAll(/\s+/g, " ").includes(words))
    throw new Error(`code ${code}, and not "${words}" in:\n${output}`);
}

async function main(): Promise<void> {
  const only = process.argv.slice(2);
  const stage = await BgpStage.open(stackText(), SECRETS);
  const [router] = stage.routers;
  if (router === undefined) throw new Error("the stack has no router");
  process.stderr.write(`${router.software}\n`);
  const chosen = Object.entries(SCENARIOS).filter(
    ([name]) =>
      (only.length === 0 || only.includes(name)) &&
      (installedFrr() !== undefined || !FRR_SCENARIOS.includes(name)),
  );
  await playScenarios(Object.fromEntries(chosen), { stage, router });
  if (process.env["METAL_BGP_VERBOSE"] !== "1") await stage.close();
}

if (require.main === module) {
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
