import { type ReportedSession, reportedSessions } from "../readiness/bgp-assessment";
import type { Observation } from "../readiness/observation";
import type { BgpReadinessPlan } from "../../plan/readiness";
import type { Item } from "./item";

/** The BGP sessions of all selected nodes, as their agents report them. */
export function bgpItem(plan: BgpReadinessPlan, observation: Observation): Item {
  const sessions = reportedSessions(plan, observation, new Map());
  const down = sessions.filter((session) => !isEstablished(session));
  const routers = [...new Set(sessions.map(({ peer }) => peer.router))];
  const to = routers.length === 0 ? "" : ` with ${routers.join(", ")}`;
  return {
    kind: "bgp",
    name: "BGP",
    mark: down.length > 0 || sessions.length === 0 ? "bad" : "good",
    text:
      sessions.length === 0
        ? "no node is selected"
        : `${sessions.length - down.length}/${sessions.length} sessions established${to}`,
    ...allSince(sessions),
    children: down.map(sessionItem),
  };
}

function isEstablished({ state, trouble }: ReportedSession): boolean {
  return state === "established" && trouble === undefined;
}

function sessionItem({ node, peer, state, trouble, cause }: ReportedSession): Item {
  const words = [
    state ?? "not started by the agent",
    ...(trouble === undefined ? [] : [trouble]),
    ...(cause === undefined || trouble !== undefined
      ? []
      : [`${cause.certainty} ${cause.id}: ${cause.problem}`]),
  ];
  return {
    kind: "session",
    name: `${node.metadata.name} to ${peer.name} ${peer.address}`,
    mark: "bad",
    text: words.join(", "),
  };
}

/** When the last of the sessions came up: since then all of them hold. */
function allSince(sessions: readonly ReportedSession[]): { readonly since?: number } {
  const times = sessions.map(({ establishedTime }) => Date.parse(establishedTime ?? ""));
  if (times.length === 0 || times.some(Number.isNaN)) return {};
  return { since: Math.max(...times) };
}
