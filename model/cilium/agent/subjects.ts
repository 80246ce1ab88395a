import { bandwidth, datapath, encryption } from "./datapath";
import { directServerReturn, loadBalancing } from "./load-balancing";
import { conntrackRules, egressGateway, masquerading } from "./masquerading";
import type { AgentSubject } from "./rule";
import { sizesAndWords } from "./sizes";

/**
 * What the agents of Cilium 1.18.4, 1.19.5 and 1.20.2 refuse at their start, or their operator, as their own sources say.
 * One table is judged twice: on the stack file's values, so that a person hears of it at once, and on the render, which
 * alone is what the agents read.
 */
export const agentSubjects: readonly AgentSubject[] = [
  { id: "cilium/masquerade-consistent", rules: masquerading },
  { id: "cilium/conntrack-bypass-consistent", rules: conntrackRules },
  { id: "cilium/egress-gateway-consistent", rules: egressGateway },
  { id: "cilium/load-balancing-accepted", rules: loadBalancing },
  { id: "cilium/dsr-fits-routing", rules: directServerReturn },
  { id: "cilium/encryption-consistent", rules: encryption },
  { id: "cilium/bandwidth-consistent", rules: bandwidth },
  { id: "cilium/datapath-consistent", rules: datapath },
  { id: "cilium/settings-in-range", rules: sizesAndWords },
];
