import type { Stack } from "../../stack/schema";
import { type CheckResult, type Problem, judged, notApplicable, unknown } from "./check-result";

/** What came of a connection: taken, taken by something that is no API server, refused, met with silence, no way. */
export type ProbeOutcome = "accepted" | "strange" | "refused" | "silence" | "no route";

/** On a cluster that is still to be made nothing answers at its endpoint: else another system has the address. */
export function judgeEndpointFree(stack: Stack, clusterExists: boolean, outcome: ProbeOutcome): CheckResult {
  const { host, port, provider } = stack.kubernetes.endpoint;
  if (clusterExists) return notApplicable("the cluster exists already");
  if (provider === "external")
    return notApplicable("a load balancer of yours may answer before the cluster does");
  if (outcome === "no route") return unknown(`there is no route to ${host} from here`);
  if (outcome === "strange") {
    return unknown(
      `${host}:${port} is answered by something that is no API server: a proxy, or another machine`,
    );
  }
  if (outcome !== "accepted") return judged(`nothing listens on ${host}:${port} (${outcome})`);
  return judged("", [
    {
      at: "kubernetes.endpoint.host",
      problem: `an API server answers on ${host}:${port} already, and this cluster is not made yet`,
      fix: "choose a free address, or stop what runs there",
    },
  ]);
}

/** One router and what came of a connection to its BGP port. */
export interface RouterProbe {
  readonly at: string;
  readonly address: string;
  readonly port: number;
  readonly outcome: ProbeOutcome;
}

/** The routers take connections on their BGP port. Asked from here, not from the nodes, so nothing is an error. */
export function judgeRouters(probes: readonly RouterProbe[]): CheckResult {
  if (probes.length === 0) return notApplicable("the stack has no BGP peers");
  const place = ({ address, port }: RouterProbe) => `${address}:${port}`;
  const problems = probes.flatMap((each): Problem[] =>
    each.outcome === "refused"
      ? [
          {
            severity: "warning",
            at: each.at,
            problem: `${each.address} answers, but nothing listens for BGP on port ${each.port}`,
            fix: "start BGP on the router, with the configuration that this stack puts out as routers",
          },
        ]
      : [],
  );
  const unknowns = probes
    .filter(({ outcome }) => outcome === "silence" || outcome === "no route")
    .map(
      (each) =>
        `${place(each)}: ${each.outcome === "silence" ? "no answer" : "no route"} from here, the nodes may have one`,
    );
  const answering = probes.filter(({ outcome }) => outcome === "accepted").map(place);
  return judged(`BGP port open on ${answering.join(", ")}`, problems, unknowns);
}

/** The management cluster's server, as its host may be spelt: name and addresses. */
export interface Server {
  readonly url: string;
  readonly addresses: readonly string[];
  readonly port: number;
}

/** The context leads to the management cluster, not into the very cluster that this stack makes. */
export function judgeNotWorkload(stack: Stack, server: Server): CheckResult {
  const { host, port } = stack.kubernetes.endpoint;
  const { context } = stack.management;
  const fix = `name another context; "${context}" must lead to the cluster that runs Cluster API and Metal3`;
  if (server.addresses.includes(host) && server.port === port) {
    return judged("", [
      {
        at: "management.context",
        problem: `context "${context}" leads to ${server.url}, which is this stack's own endpoint ${host}:${port}`,
        fix,
      },
    ]);
  }
  const node = stack.hosts.find(({ address }) => address !== undefined && server.addresses.includes(address));
  if (node !== undefined) {
    return judged("", [
      {
        at: "management.context",
        problem: `context "${context}" leads to ${server.url}, which is the address of this stack's host ${node.name}`,
        fix,
      },
    ]);
  }
  return judged(`${server.url} is neither the endpoint ${host}:${port} nor a host of this stack`);
}
