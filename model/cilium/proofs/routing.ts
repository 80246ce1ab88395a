import { contains, parseCidr } from "../../net/addresses";
import { quoted } from "./anatomy";
import { configValue, onConfiguration } from "./configuration";
import { type Proof, defineProof } from "./proof";

/** Modes in which the pods' addresses come from the planned networks. */
const planned = ["kubernetes", "cluster-pool"];

/** Proofs of address families, routing and pod addresses. */
export const routingProofs: readonly Proof[] = [
  defineProof({
    id: "render/families-match",
    summary: "Cilium's address families are those of the pod networks.",
    why: "the agent exits at its start when a family is on for which the nodes get no pod network",
    run: onConfiguration((config, { network }) => {
      const families = network.pods.map((cidr) => parseCidr(cidr)?.family);
      return ([4, 6] as const).flatMap((family) => {
        const wanted = String(families.includes(family));
        const found = config[`enable-ipv${family}`];
        if (found === wanted) return [];
        return {
          key: `ipv${family}.enabled`,
          problem: `cilium-config: enable-ipv${family} is ${quoted(found)}, and network.pods is ${network.pods.join(", ")}`,
          fix: `remove ipv${family} from cilium.values; it follows network.pods`,
        };
      });
    }),
  }),
  defineProof({
    id: "render/routing-mode",
    summary: "Routing mode and tunnel protocol are the stack's.",
    why: "nodes that route and nodes that tunnel cannot reach each other's pods, and the router's configuration depends on the mode",
    run: onConfiguration((config, { routing }) => {
      const wanted: readonly (readonly [setting: string, key: string, value: string])[] = [
        ["routing-mode", "routingMode", routing.mode],
        // With native routing only direct server return and the egress gateway use it; vxlan is the agent's default.
        ...(routing.mode === "tunnel" || routing.tunnelProtocol !== "vxlan"
          ? [["tunnel-protocol", "tunnelProtocol", routing.tunnelProtocol] as const]
          : []),
      ];
      return wanted.flatMap(([setting, key, value]) =>
        config[setting] === value
          ? []
          : {
              key,
              problem: `cilium-config: ${setting} is ${quoted(config[setting])}, the stack has cilium.${key}: ${value}`,
              fix: `remove ${key} from cilium.values, and set cilium.${key}`,
            },
      );
    }),
  }),
  defineProof({
    id: "render/native-cidr-covers",
    summary: "The native routing network covers the pod networks.",
    why: "with native routing and masquerading the agent exits at its start without the network that is routed",
    run: onConfiguration((config, { network }) => {
      if (config["routing-mode"] !== "native") return [];
      return network.pods.flatMap((pods) => {
        const range = parseCidr(pods);
        if (range === undefined || config[`enable-ipv${range.family}-masquerade`] === "false") return [];
        const found = config[`ipv${range.family}-native-routing-cidr`];
        const native = typeof found === "string" ? parseCidr(found) : undefined;
        if (native !== undefined && contains(native, range)) return [];
        const key = `ipv${range.family}NativeRoutingCIDR`;
        return {
          key,
          problem: `cilium-config: ipv${range.family}-native-routing-cidr is ${quoted(found)}, which does not cover the pods' ${pods}`,
          fix: `remove ${key} from cilium.values; it follows network.pods`,
        };
      });
    }),
  }),
  configValue({
    id: "render/node-routes",
    summary: "Direct node routes are set as planned.",
    why: "with native routing pods on two nodes reach each other only when the nodes or the fabric have routes",
    setting: "auto-direct-node-routes",
    wanted: ({ routing }) => (routing.mode === "native" ? String(routing.autoDirectNodeRoutes) : undefined),
    key: "autoDirectNodeRoutes",
    fix: (wanted) =>
      `remove autoDirectNodeRoutes from cilium.values, and write cilium.autoDirectNodeRoutes: ${wanted === "true" ? "false" : "true"} if that is intended`,
  }),
  defineProof({
    id: "render/direct-routes-consistent",
    summary: "Direct routes are set only with native routing.",
    why: "the agent exits at its start with an invalid combination of direct routes",
    run: onConfiguration((config) => {
      const direct = config["auto-direct-node-routes"] === "true";
      return [
        config["direct-routing-skip-unreachable"] === "true" && !direct
          ? {
              key: "directRoutingSkipUnreachable",
              problem: "cilium-config: direct-routing-skip-unreachable is on without auto-direct-node-routes",
              fix: "remove directRoutingSkipUnreachable from cilium.values, or set cilium.autoDirectNodeRoutes: true",
            }
          : [],
        direct && config["routing-mode"] !== "native"
          ? {
              key: "autoDirectNodeRoutes",
              problem: "cilium-config: auto-direct-node-routes is on, and routing-mode is not native",
              fix: "remove autoDirectNodeRoutes from cilium.values, or set cilium.routingMode: native",
            }
          : [],
      ];
    }),
  }),
  defineProof({
    id: "render/ipam-mode",
    summary: "Pod addresses come from the planned pod networks.",
    why: "pods would get no addresses, or addresses that the router does not accept",
    run: onConfiguration((config) => {
      const mode = config["ipam"];
      if (planned.includes(String(mode))) return [];
      return {
        key: "ipam.mode",
        problem: `cilium-config: ipam is ${quoted(mode)}, not ${planned.join(" or ")}`,
        fix: "remove ipam.mode from cilium.values; kubernetes uses each node's share of network.pods",
      };
    }),
  }),
  defineProof({
    id: "render/pod-pools-planned",
    summary: "Cilium's pod pools are inside the planned pod networks.",
    why: "the chart's own pool 10.0.0.0/8 contains the nodes, the services and whatever else a site has there (cilium#42383)",
    run: onConfiguration((config, { network }) => {
      if (config["ipam"] !== "cluster-pool") return [];
      return network.pods.flatMap((pods) => {
        const planned = parseCidr(pods);
        if (planned === undefined) return [];
        const found = config[`cluster-pool-ipv${planned.family}-cidr`];
        const pools = typeof found === "string" ? found.split(/[\s,]+/).map(parseCidr) : [];
        if (pools.length > 0 && pools.every((pool) => pool !== undefined && contains(planned, pool)))
          return [];
        const key = `ipam.operator.clusterPoolIPv${planned.family}PodCIDRList`;
        return {
          key,
          problem: `cilium-config: cluster-pool-ipv${planned.family}-cidr is ${quoted(found)}, outside network.pods ${pods}`,
          fix: `write ${key}: ["${pods}"] in cilium.values, or remove ipam.mode`,
        };
      });
    }),
  }),
];
