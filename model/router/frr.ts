import { parseCidr } from "../addresses/range";
import type { Bgp, BgpPeer, Stack } from "../config/schema";

/**
 * The router's half of each session as FRR configuration, by router address: it accepts exactly this cluster's pod and
 * load balancer prefixes and, unless told otherwise, announces nothing. Passwords are placeholders.
 */
export function routerConfigurations(stack: Stack, bgp: Bgp): Record<string, string> {
  const configurations: Record<string, string> = {};
  for (const instance of bgp.instances) {
    for (const peer of instance.peers) {
      configurations[peer.address] = [configurations[peer.address], frr(stack, bgp, instance.localASN, peer)]
        .filter((part) => part !== undefined)
        .join("!\n");
    }
  }
  return configurations;
}

function frr(stack: Stack, bgp: Bgp, clusterASN: number, peer: BgpPeer): string {
  const group = stack.name.toUpperCase();
  const nodes = stack.hosts.flatMap(({ name, address }) =>
    address === undefined ? [] : [{ name, address }],
  );
  const neighbours =
    nodes.length === stack.hosts.length
      ? nodes.flatMap(({ name, address }) => [
          ` neighbor ${address} peer-group ${group}`,
          ` neighbor ${address} description ${name}`,
        ])
      : [` bgp listen range ${stack.network.nodes} peer-group ${group}`];
  const families = peer.families.flatMap((family) => addressFamily(family, group, bgp));
  return [
    ...peer.families.flatMap((family) => prefixLists(stack, bgp, family, group)),
    `router bgp ${peer.asn}`,
    " no bgp default ipv4-unicast",
    ` neighbor ${group} peer-group`,
    ` neighbor ${group} remote-as ${clusterASN}`,
    ` neighbor ${group} timers ${peer.keepAliveTimeSeconds} ${peer.holdTimeSeconds}`,
    ...(peer.multihop > 1 ? [` neighbor ${group} ebgp-multihop ${peer.multihop}`] : []),
    ...(peer.gracefulRestartSeconds > 0 ? [` neighbor ${group} graceful-restart-helper`] : []),
    ...(peer.password === undefined ? [] : [` neighbor ${group} password <password of ${peer.name}>`]),
    ...neighbours,
    ...families,
    "exit",
    "",
  ].join("\n");
}

function addressFamily(family: "ipv4" | "ipv6", group: string, bgp: Bgp): string[] {
  const { announceDefaultRoute, maximumPrefixes } = bgp.router;
  return [
    ` address-family ${family} unicast`,
    `  neighbor ${group} activate`,
    ...(announceDefaultRoute ? [`  neighbor ${group} default-originate`] : []),
    `  neighbor ${group} prefix-list ${group}-${family}-IN in`,
    `  neighbor ${group} prefix-list ${group}-${family}-OUT out`,
    `  neighbor ${group} maximum-prefix ${maximumPrefixes}`,
    " exit-address-family",
  ];
}

function prefixLists(stack: Stack, bgp: Bgp, family: "ipv4" | "ipv6", group: string): string[] {
  const word = family === "ipv4" ? "ip" : "ipv6";
  const bits = family === "ipv4" ? 32 : 128;
  const ofFamily = (cidr: string) => parseCidr(cidr)?.family === (family === "ipv4" ? 4 : 6);
  const perNode = stack.network.podPrefixPerNode[family];
  const accepted = [
    ...stack.network.pods.filter(ofFamily).map((cidr) => `${cidr} ge ${perNode} le ${perNode}`),
    ...bgp.loadBalancerPools
      .flatMap((pool) => pool.blocks.filter(ofFamily))
      .map((cidr) => `${cidr} le ${bits}`),
  ];
  const name = `${group}-${family}`;
  const out = bgp.router.announceDefaultRoute
    ? `permit ${family === "ipv4" ? "0.0.0.0/0" : "::/0"}`
    : "deny any";
  return [
    ...accepted.map((rule, i) => `${word} prefix-list ${name}-IN seq ${10 * (i + 1)} permit ${rule}`),
    `${word} prefix-list ${name}-IN seq 1000 deny any`,
    `${word} prefix-list ${name}-OUT seq 10 ${out}`,
  ];
}
