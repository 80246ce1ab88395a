import { addLoopbackAddress } from "../namespace/network";
import type { Processes } from "../processes/processes";
import type { Toolchain } from "../toolchain";
import { FrrRouter, installedFrr } from "./frr-router";
import { GobgpRouter } from "./gobgp-router";
import type { Router, RouterOrder } from "./router";

export type { Router, RouterOrder, RouterPath } from "./router";

/** Starts the routers at their addresses: FRR where it is installed, else GoBGP in its place. */
export async function startRouters(
  orders: readonly RouterOrder[],
  tools: Toolchain,
  processes: Processes,
  directory: string,
): Promise<readonly Router[]> {
  const frr = installedFrr();
  const routers = orders.map((order) =>
    frr === undefined
      ? new GobgpRouter(tools, processes, directory, order)
      : new FrrRouter(frr, processes, directory, order),
  );
  for (const router of routers) {
    if (typeof router.order.forwardsOn !== "object")
      for (const address of router.order.addresses) addLoopbackAddress(address);
    await router.start();
  }
  return routers;
}
