import { misconfigure, repair } from "./bgp-routers";
import { resources } from "../../model/kubernetes/resources";
import type { Fault, FaultStage } from "./fault";
import { limitPrefixes } from "./router-edits";

async function exceed(stage: FaultStage): Promise<void> {
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
  strikes: { once: "bgp-speaker-started" },
  strike: exceed,
  heal: repair,
  mustEnd: { as: "failure", withinSeconds: 600, saying: [/bgp\/prefixes-below-maximum/] },
};
