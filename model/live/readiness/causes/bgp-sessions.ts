import type { SessionCause } from "../../bgp/session-cause";
import { type ReportedSession, reportedSessions } from "../bgp-assessment";
import { type CauseRule, bgpRule } from "../cause";

interface SessionRule {
  readonly id: string;
  readonly why: string;
  readonly graceSeconds: number;
  /** Whether the cause is strong enough to end the wait. */
  holds(cause: SessionCause, session: ReportedSession): boolean;
}

/** A rule for one cause of sessions that do not come up; one suspicion per session. */
function sessionRule({ id, why, graceSeconds, holds }: SessionRule): CauseRule {
  return bgpRule({
    id,
    why,
    graceSeconds,
    find({ plan, observation, sessions }) {
      return reportedSessions(plan, observation, sessions).flatMap((session) => {
        const { cause, node, peer, trouble } = session;
        if (cause?.id !== id || trouble !== undefined || !holds(cause, session)) return [];
        return [
          {
            object: `CiliumBGPNodeConfig/${node.metadata.name} ${peer.name}`,
            who: node.metadata.name,
            problem: `${cause.certainty}: ${cause.problem}`,
            evidence: cause.evidence,
            fix: cause.fix,
          },
        ];
      });
    },
  });
}

/** The router's listen range does not hold the node. */
export const bgpNodeOutsideRange = sessionRule({
  id: "bgp/node-inside-range",
  why: "A router with a listen range takes no session from an address outside it.",
  graceSeconds: 60,
  holds: ({ certainty }) => certainty === "certain",
});

/** The two ends do not agree on an ASN: somebody answers, reads the OPEN and refuses it, again and again. */
export const bgpAsnMismatch = sessionRule({
  id: "bgp/asn-agreed",
  why: "A session whose ends name different ASNs is refused each time it is tried.",
  graceSeconds: 120,
  holds: ({ certainty }, { history }) => certainty === "certain" || history?.lost === 0,
});

/** The router cuts the session each time it is up. */
export const bgpOverMaximum = sessionRule({
  id: "bgp/prefixes-below-maximum",
  why: "A router that has cut a session at its limit cuts it again at the same route.",
  graceSeconds: 30,
  holds: ({ certainty }, { history }) => certainty === "certain" || (history?.lost ?? 0) > 1,
});
