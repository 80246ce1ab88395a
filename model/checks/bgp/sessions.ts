import { contains, familyOf, parseAddress, parseCidr } from "../../net/addresses";
import { selectedHosts } from "../../bgp/nodes";
import { endpointSessions } from "../../bgp/endpoint";
import { sessionsOf } from "../../bgp/sessions";
import { list } from "../../kubernetes/object";
import { networksOf, nodeNetworkOf } from "../../stack/host-networks";
import { listed } from "../../text/wording";
import { passwordForm, reservedWords } from "../../bgp/router/frr-line";
import { routerShares } from "../../bgp/router/router-share";
import { type Check, defineCheck, duplicates } from "../check";
import { everyPeerOf, peersOf, routersOfPeer, withBgp } from "./routers";

/** Checks of peers and their sessions. */
export const sessionChecks: readonly Check[] = [
  defineCheck({
    id: "bgp/names-unique",
    summary: "Instances and load balancer pools have distinct names.",
    why: "instances and pools are objects with these names",
    run: ({ bgp }) =>
      (["instances", "loadBalancerPools"] as const).flatMap((list) =>
        duplicates(
          (bgp?.[list] ?? []).map(({ name: text }, i) => ({ text, at: `bgp.${list}[${i}].name` })),
          "give each its own name",
        ),
      ),
  }),
  defineCheck({
    id: "bgp/peer-names-unique",
    summary: "Every peer has a distinct name.",
    why: "peer configurations are objects named after their peer",
    run: ({ bgp }) =>
      duplicates(
        everyPeerOf(bgp).map(({ peer, at }) => ({ text: peer.name, at: `${at}.name` })),
        "give each peer its own name",
      ),
  }),
  defineCheck({
    id: "bgp/sessions-unique",
    summary: "Each instance peers with a router once.",
    why: "a node has one session with a router's address; the second of two peers would take the first one's name",
    run: ({ bgp }) =>
      (bgp?.instances ?? []).flatMap(({ peers }, i) =>
        duplicates(
          peers.flatMap(({ routers }, j) =>
            routers.map((text, k) => ({ text, at: `bgp.instances[${i}].peers[${j}].routers[${k}]` })),
          ),
          "list each router in one peer of an instance",
        ),
      ),
  }),
  defineCheck({
    id: "bgp/family-has-address",
    summary: "Every router has an address of each family that its peer requests.",
    why: "IPv6 routes over an IPv4 session do not reach the router's kernel, so each family has its own session",
    run: ({ bgp }) =>
      peersOf(bgp).flatMap(({ peer, at }) =>
        (peer.families ?? []).flatMap((family) =>
          (bgp === undefined ? [] : routersOfPeer(bgp, peer))
            .filter(({ addresses }) => !addresses.some((address) => familyOf(address) === family))
            .map((router) => ({
              at: `${at}.families`,
              problem: `router ${router.name} has no ${family} address for the ${family} session`,
              fix: `add its ${family} address to the router, or leave ${family} out`,
            })),
        ),
      ),
  }),
  defineCheck({
    id: "bgp/keepalive-below-hold",
    summary: "The keepalive time is at most a third of the hold time.",
    why: "the API refuses a peer whose keepalive time is longer than its hold time",
    run: ({ bgp }) =>
      everyPeerOf(bgp)
        .filter(({ peer }) => peer.keepAliveTimeSeconds * 3 > peer.holdTimeSeconds)
        .map(({ peer: { holdTimeSeconds: hold, keepAliveTimeSeconds: keepAlive }, at }) => ({
          at: `${at}.keepAliveTimeSeconds`,
          problem: `${keepAlive} s is more than a third of the hold time, ${hold} s`,
          fix: `write ${Math.max(1, Math.floor(hold / 3))}`,
        })),
  }),
  defineCheck({
    id: "bgp/multihop-beyond-subnet",
    summary: "Sessions with routers outside the node network use multihop.",
    why: "eBGP packets have a TTL of 1, so a router behind another router never answers",
    severity: "warning",
    run: withBgp((bgp, stack) => {
      const sessions = [
        ...sessionsOf(bgp).map((session) => ({
          ...session,
          localASN: session.instance.localASN,
          hosts: selectedHosts(stack, session.instance),
        })),
        ...endpointSessions(stack).map((session) => ({ ...session, localASN: session.peer.localASN })),
      ];
      return sessions.flatMap(({ peer, localASN, hosts, router, address, family, at }) => {
        const own = parseAddress(address);
        if (own === undefined || peer.multihop > 1 || router.asn === localASN) return [];
        // A host whose networks are all of the other family has no such session (bgp/ipv6-address-given).
        const apart = hosts.flatMap((host) => {
          const ranges = networksOf(stack, host).filter(({ cidr }) => familyOf(cidr) === family);
          const attached = ranges.some(({ cidr }) => contains(parseCidr(cidr) ?? own, own));
          return attached || ranges.length === 0 ? [] : [nodeNetworkOf(stack, host)];
        });
        const [first] = apart;
        if (first === undefined) return [];
        return {
          at: `${at}.multihop`,
          problem: `${address} of ${router.name} is outside ${first.at}.nodes ${first.nodes}, and multihop is 1`,
          fix: "write multihop: 2 or more, or accept this if the router is attached to the node network",
        };
      });
    }),
  }),
  defineCheck({
    id: "bgp/password-plain",
    summary: "BGP passwords fit into one line of FRR's configuration.",
    why: "TCP MD5 accepts at most 80 bytes, and a password must reach both ends as the same bytes of one line",
    acceptable: false,
    run: ({ bgp }, secrets) =>
      everyPeerOf(bgp).flatMap(({ at }) => {
        const password = secrets?.get(`${at}.password`);
        if (password === undefined) return [];
        const bytes = new TextEncoder().encode(password).length;
        if (passwordForm.test(password) && !reservedWords.includes(password)) return [];
        return {
          at: `${at}.password`,
          problem:
            bytes > 80
              ? `the password has ${bytes} bytes`
              : "the password contains a blank, a control character, one of ! \" # ' ? \\ `, or is a word that ends a block",
          fix: "use up to 80 letters, digits and . _ : / @ ( ) + , = ~ ^ * % $ & ; | < > [ ] { } -",
        };
      }),
  }),
  defineCheck({
    id: "bgp/privileged-port-granted",
    summary: "A local port below 1024 comes with the capability NET_BIND_SERVICE.",
    why: "the agent cannot listen below 1024 without the capability, and its BGP instance does not start",
    run: ({ bgp, cilium }) => {
      const granted = list(cilium.values, "securityContext", "capabilities", "ciliumAgent");
      if (granted.includes("NET_BIND_SERVICE")) return [];
      return (["instances", "nodeOverrides"] as const).flatMap((key) =>
        (bgp?.[key] ?? []).flatMap(({ localPort }, i) => {
          if (localPort === undefined || localPort >= 1024) return [];
          return {
            at: `bgp.${key}[${i}].localPort`,
            problem: `port ${localPort} needs the capability NET_BIND_SERVICE, which Cilium's agent does not have`,
            fix: "write a port from 1024, such as 1790, or add NET_BIND_SERVICE to cilium.values securityContext.capabilities.ciliumAgent",
          };
        }),
      );
    },
  }),
  defineCheck({
    id: "bgp/local-port-dialled",
    summary: "A local port is set only where a router connects to the nodes.",
    why: "a router with a listen range does not connect to nodes, so the port is never used",
    severity: "warning",
    run: withBgp((bgp, stack) => {
      const routersOf = new Map<string, Set<string>>();
      for (const { router, groups } of routerShares(stack, bgp))
        for (const { peer, listenRanges } of groups)
          if (listenRanges.length > 0) routersOf.set(peer, (routersOf.get(peer) ?? new Set()).add(router));
      return bgp.instances.flatMap((instance, i) => {
        if (instance.localPort === undefined) return [];
        const ranged = [...new Set(instance.peers.flatMap(({ name }) => [...(routersOf.get(name) ?? [])]))];
        if (ranged.length === 0) return [];
        return {
          at: `bgp.instances[${i}].localPort`,
          problem: `${listed(ranged)} has a listen range and does not connect to nodes`,
          fix: "leave localPort out, or leave listenRanges out and give every host an address",
        };
      });
    }),
  }),
];
