import { resources } from "../../model/kubernetes/resources";
import { type Fault, type FaultStage, workerHost } from "./fault";

const mark = (stage: FaultStage, value: string | null) =>
  stage.management.mergePatch(resources.BareMetalHost, workerHost(stage), stage.namespace, {
    metadata: { annotations: { "capm3.metal3.io/unhealthy": value } },
  });

/** Metal3 finds no host for the worker, because the only one is marked unhealthy. */
export const noHostMatches: Fault = {
  name: "no-host-matches",
  breaks: "the worker's host is marked unhealthy, so that Metal3 finds none",
  during: "up",
  strikes: { once: "metal3cluster-provisioned" },
  strike: async (stage) => void (await mark(stage, "")),
  heal: async (stage) => void (await mark(stage, null)),
  mustEnd: { as: "failure", withinSeconds: 240, saying: [/hosts\/none-matches/] },
};
