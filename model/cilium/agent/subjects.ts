import { bandwidth, datapath, encryption } from "./datapath";
import { directServerReturn, loadBalancing } from "./load-balancing";
import { conntrackRules, egressGateway, masquerading } from "./masquerading";
import type { AgentSubject } from "./rule";
import { sizesAndWords } from "./sizes";

/**
 * What the agents of Cilium 1.18.4, 1.19.5 and 1.20.2 refuse at their start, or their operator, according to their sources.
 * Each table is checked twice: on the stack file's values, for an early finding, and on the render, which the agents
 * really read.
 */
export const agentSubjects: readonly AgentSubject[] = [
  {
    id: "cilium/masquerade-consistent",
    summary: "Masquerading settings are a combination that the agent accepts.",
    rules: masquerading,
  },
  {
    id: "cilium/conntrack-bypass-consistent",
    summary: "Connection tracking is bypassed only where the agent supports it.",
    rules: conntrackRules,
  },
  {
    id: "cilium/egress-gateway-consistent",
    summary: "The egress gateway has the settings that it needs.",
    rules: egressGateway,
  },
  {
    id: "cilium/load-balancing-accepted",
    summary: "Load balancing settings are a combination that the agent accepts.",
    rules: loadBalancing,
  },
  {
    id: "cilium/dsr-fits-routing",
    summary: "Direct server return suits the routing mode.",
    rules: directServerReturn,
  },
  {
    id: "cilium/encryption-consistent",
    summary: "Encryption settings are a combination that the agent accepts.",
    rules: encryption,
  },
  {
    id: "cilium/bandwidth-consistent",
    summary: "Bandwidth manager settings are a combination that the agent accepts.",
    rules: bandwidth,
  },
  {
    id: "cilium/datapath-consistent",
    summary: "Datapath settings are a combination that the agent accepts.",
    rules: datapath,
  },
  {
    id: "cilium/settings-in-range",
    summary: "Sizes and options of the agent are within its limits.",
    rules: sizesAndWords,
  },
];
