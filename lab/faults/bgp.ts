import { type Fault, type FaultContext, workerHost } from "./fault";
import {
  changePassword,
  filterPods,
  forgetNode,
  limitPrefixes,
  misconfigure,
  restoreConfiguration,
  swapAsns,
} from "./router";
import { resources } from "../../model/kubernetes/resources";

/** The router has the two ASNs the other way round: sessions stay `active`, and only the agents' logs say why. */
export const swappedAsns: Fault = {
  name: "swapped-asns",
  breaks: "the router has the cluster's ASN and its own the other way round",
  during: "up",
  changes: [{ at: ["metal:timeouts", "bgp"], to: 2 }],
  when: "before",
  inject: (stage) => misconfigure(stage, swapAsns),
  repair: restoreConfiguration,
  mustEnd: { as: "failure", withinSeconds: 600, printing: [/bgp\/asn-agreed/] },
};

/** The router drops the nodes' connections unseen; it accepts others, which distinguishes this from a router that is down. */
export const bgpPassword: Fault = {
  name: "bgp-password",
  breaks: "the router has another TCP MD5 password than the nodes",
  during: "up",
  changes: [{ at: ["metal:timeouts", "bgp"], to: 2 }],
  when: "before",
  inject: (stage) => misconfigure(stage, changePassword),
  repair: restoreConfiguration,
  mustEnd: { as: "failure", withinSeconds: 600, printing: [/bgp\/password-agreed/] },
};

function forgetWorker(stage: FaultContext): Promise<void> {
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
  when: "before",
  inject: forgetWorker,
  repair: restoreConfiguration,
  mustEnd: { as: "failure", withinSeconds: 600, printing: [/bgp\/neighbour-configured/] },
};

/** The nodes cannot know what a router drops: sessions are up, and only a look at both ends finds it. */
export const prefixFiltered: Fault = {
  name: "prefix-filtered",
  breaks: "the router filters the pod networks",
  during: "up",
  when: "before",
  inject: (stage) => misconfigure(stage, filterPods),
  repair: restoreConfiguration,
  mustEnd: { as: "success", withinSeconds: 600, printing: [] },
  comparisonFinds: ["bgp/routes-received"],
};

async function exceed(stage: FaultContext): Promise<void> {
  await misconfigure(stage, limitPrefixes(1));
  const api = await stage.workload();
  try {
    // FRR counts before it adds, so the first prefix over the limit slips in: two are too many for certain.
    for (const name of ["one-too-many", "two-too-many"]) {
      await api.create(resources.Service, {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name, namespace: "default" },
        spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
      });
    }
  } finally {
    api.close();
  }
}

/** Each node announces its pods and two services, and the router takes one prefix: it cuts each session again and again. */
export const maximumPrefix: Fault = {
  name: "maximum-prefix",
  breaks: "the router takes one prefix of each node, and each node announces three",
  during: "up",
  changes: [{ at: ["metal:timeouts", "bgp"], to: 3 }],
  when: { once: "bgp-speaker-started" },
  inject: exceed,
  repair: restoreConfiguration,
  mustEnd: { as: "failure", withinSeconds: 600, printing: [/bgp\/prefixes-below-maximum/] },
};
