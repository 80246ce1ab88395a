import { misconfigure, repair } from "./bgp-routers";
import { type Fault, type FaultStage, workerHost } from "./fault";
import { forgetNode } from "./router-edits";

function forgetWorker(stage: FaultStage): Promise<void> {
  const name = workerHost(stage);
  const address = stage.hosts.find((host) => host.name === name)?.address;
  if (address === undefined) throw new Error(`host ${name} has no address in the stack file`);
  const others = stage.hosts.flatMap((host) => (host.name === name ? [] : (host.address ?? [])));
  return misconfigure(stage, forgetNode(address, others));
}

/** The router expects every node but the worker: no line of its own, or a listen range that ends before it. */
export const nodeOutsideListenRange: Fault = {
  name: "node-outside-listen-range",
  breaks: "the router has no line and no listen range for the worker",
  during: "up",
  changes: [{ at: ["metal:timeouts", "bgp"], to: 2 }],
  strikes: "before",
  strike: forgetWorker,
  heal: repair,
  mustEnd: { as: "failure", withinSeconds: 600, saying: [/bgp\/neighbour-configured/] },
};
