import { kubeVipPasswordFile } from "../plan/manifests/kube-vip";
import { defined, list, text } from "../kubernetes/object";
import { parseAddress } from "../net/addresses";
import type { Draft } from "./draft";
import type { ImportedPool } from "./pools";
import { controlPlaneOf } from "./cluster";

type Raw = Readonly<Record<string, unknown>>;

/** A router as `bgp.routers` has it; those of Cilium's sessions are known already. */
interface KnownRouter {
  readonly name: string;
  readonly asn: number;
  readonly addresses: string[];
}

/** One peer of kube-vip: `address:ASN:password:multihop` (kube-vip v1.0.1 pkg/kubevip/config_bgp.go). */
interface VipPeer {
  readonly address: string;
  readonly asn: number;
  readonly hasPassword: boolean;
  readonly multihop: boolean;
}

/** What kube-vip says on the machines of a rack, or on all of them. */
interface RackValues {
  readonly rack: string | undefined;
  readonly peers: string;
  readonly asn: number;
}

/**
 * `bgp.endpoint` of the stack file, where kube-vip announces the endpoint by BGP; its routers are added to those that are known.
 * Passwords are never read.
 */
export function importEndpointPeers(
  pools: readonly ImportedPool[],
  routers: Map<string, KnownRouter>,
  draft: Draft,
): readonly Raw[] {
  const pool = controlPlaneOf(pools);
  const env = pool?.kubeadm.kubeVip?.environment ?? {};
  if (pool === undefined || env["bgp_enable"] !== "true") return [];
  const passwords = list(pool.kubeadm.spec, "files").find(
    (file) => text(file, "path") === kubeVipPasswordFile,
  );
  const secret = text(passwords, "contentFrom", "secret", "name");
  const [hold, keepAlive] = [env["bgp_hold_time"], env["bgp_keepalive_interval"]].map(byRack);
  return racksOf(env).map(({ rack, peers, asn }, i) => {
    const found = peersOf(peers);
    const names = found.map((peer) => routerOf(peer, routers));
    const place = `bgp.endpoint[${i}].password`;
    if (found.some(({ hasPassword }) => hasPassword)) {
      const at = "spec.kubeadmConfigSpec.files[kube-vip]";
      if (secret === undefined) draft.plainSecret(pool.object, at, place);
      else draft.secret(pool.object, at, place, secret);
    }
    const time = (values: ReadonlyMap<string, string> | undefined, usual: number, silent: number) => {
      const seconds = Number(values?.get(rack ?? "") ?? values?.get("") ?? silent);
      return seconds === usual ? undefined : seconds;
    };
    return defined({
      name:
        /<password-of-([a-z0-9-]+)>/.exec(peers)?.[1] ??
        (rack === undefined ? "endpoint" : `endpoint-${rack}`),
      failureDomains: rack === undefined ? undefined : [rack],
      localASN: asn,
      routers: [...new Set(names)],
      // GoBGP's own times where kube-vip is silent.
      holdTimeSeconds: time(hold, 30, 90),
      keepAliveTimeSeconds: time(keepAlive, 10, 30),
      multihop: found.some(({ multihop }) => multihop) ? 50 : undefined,
    });
  });
}

function racksOf(env: Readonly<Record<string, string>>): readonly RackValues[] {
  const { bgp_peeraddress: address, bgp_peeras: asn = "", bgp_peerpass: password = "", bgp_multihop } = env;
  const single = address === undefined ? "" : [address, asn, password, bgp_multihop ?? "false"].join(":");
  const peers = byRack(env["bgp_peers"] ?? single);
  const asns = byRack(env["bgp_as"]);
  return [...peers].map(([rack, value]) => ({
    rack: rack === "" ? undefined : rack,
    peers: value,
    asn: Number(asns.get(rack) ?? asns.get("") ?? 0),
  }));
}

/** A value by rack, as every stack writes it for cloud-init; one value for all machines is that of no rack. */
function byRack(value: string | undefined): ReadonlyMap<string, string> {
  if (value === undefined) return new Map();
  const [, map] = /^\{\{ (\{.*\})\[ds\.meta_data\.failureDomain\] \}\}$/.exec(value) ?? [];
  if (map === undefined) return new Map([["", value]]);
  return new Map([...map.matchAll(/"([^"]*)": "([^"]*)"/g)].map(([, rack = "", own = ""]) => [rack, own]));
}

function peersOf(peers: string): readonly VipPeer[] {
  return peers.split(",").flatMap((peer) => {
    const [, v6, v4, asn, password = "", multihop] =
      /^(?:\[([^\]]+)\]|([^:]+)):(\d+)(?::([^:]*))?(?::([^:]*))?/.exec(peer.trim()) ?? [];
    const address = v6 ?? v4 ?? "";
    if (parseAddress(address) === undefined) return [];
    return [{ address, asn: Number(asn), hasPassword: password !== "", multihop: multihop === "true" }];
  });
}

/** The name of a peer's router, which is added where no session of Cilium knows its address. */
function routerOf({ address, asn }: VipPeer, routers: Map<string, KnownRouter>): string {
  const known = [...routers.values()].find(({ addresses }) => addresses.includes(address));
  if (known !== undefined) return known.name;
  const name = `router-${address
    .replace(/[^0-9a-f]+/gi, "-")
    .replace(/^-|-$/g, "")
    .toLowerCase()}`;
  routers.set(name, { name, asn, addresses: [address] });
  return name;
}
