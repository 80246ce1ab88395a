import fs from "node:fs";
import https from "node:https";
import path from "node:path";
import { list, text } from "../../model/kubernetes/object";
import { issue, type KeyPair } from "../processes/pki";
import { answers } from "../processes/probes";
import type { Processes } from "../processes/processes";
import { bracketed } from "../../model/net/addresses";
import type { Server } from "./servers";

/** One stacked etcd member: on its node's own address, and on the lab's address of its slot for the API server. */
export interface EtcdMember {
  readonly node: string;
  readonly address: string;
  readonly slotAddress: string;
  readonly process: string;
  /** On which it runs. */
  readonly server: Server;
}

/** What a client of etcd needs. */
interface EtcdAccess {
  /** KCP's etcd authority. */
  readonly authority: KeyPair;
  /** The client certificate of the API server. */
  readonly client: KeyPair;
}

/** What all members of one cluster share. */
export interface EtcdCluster extends EtcdAccess {
  readonly directory: string;
  readonly binary: string;
  readonly processes: Processes;
}

/** A member's client URL on its node's address. */
export function clientUrl(address: string): string {
  return `https://${bracketed(address)}:2379`;
}

const peerUrl = (address: string) => `https://${bracketed(address)}:2380`;

/** The first member of a new cluster. */
export async function startFirst(cluster: EtcdCluster, member: EtcdMember): Promise<void> {
  await startMember(cluster, member, `${member.node}=${peerUrl(member.address)}`, "new");
}

/**
 * Joins as kubeadm does: add as learner, start, promote. etcd refuses both while it thinks itself unhealthy (seen up to
 * 5 s after the join before); `seconds` bounds the whole.
 */
export async function joinMember(
  cluster: EtcdCluster,
  member: EtcdMember,
  seeds: readonly string[],
  seconds = 90,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  const urls = { peerURLs: [peerUrl(member.address)], isLearner: true };
  const added = await persist(deadline, async () => {
    const seed = await living(cluster, seeds);
    // A boot that was cut off may have left its entry.
    const known = list(await call(cluster, seed, "/v3/cluster/member/list", {}), "members");
    const stale = known.find((entry) => list(entry, "peerURLs")[0] === urls.peerURLs[0]);
    if (stale !== undefined)
      await call(cluster, seed, "/v3/cluster/member/remove", { ID: text(stale, "ID") });
    return call(cluster, seed, "/v3/cluster/member/add", urls);
  });
  const id = text(added, "member", "ID") ?? "";
  const initial = list(added, "members")
    .map((entry) => `${text(entry, "name") ?? member.node}=${String(list(entry, "peerURLs")[0])}`)
    .join(",");
  await startMember(cluster, member, initial, "existing");
  await persist(deadline, async () =>
    call(cluster, await living(cluster, seeds), "/v3/cluster/member/promote", { ID: id }),
  );
}

/** The values of all keys that begin with a prefix, as a member at that address stores them. */
export async function valuesBelow(
  cluster: EtcdAccess,
  address: string,
  prefix: string,
): Promise<readonly { readonly key: string; readonly value: Buffer }[]> {
  const key = Buffer.from(prefix);
  // The first key behind the prefix, for etcd: its last byte, one higher.
  const end = Buffer.concat([key.subarray(0, -1), Buffer.of((key.at(-1) ?? 0) + 1)]);
  const range = { key: key.toString("base64"), range_end: end.toString("base64") };
  const answer = await call(cluster, address, "/v3/kv/range", range);
  const bytes = (entry: unknown, name: string) => Buffer.from(text(entry, name) ?? "", "base64");
  return list(answer, "kvs").map((entry) => ({
    key: bytes(entry, "key").toString("utf8"),
    value: bytes(entry, "value"),
  }));
}

async function startMember(
  cluster: EtcdCluster,
  member: EtcdMember,
  initial: string,
  state: "new" | "existing",
): Promise<void> {
  const names = [member.node, "localhost", member.address, member.slotAddress];
  const pair = await issue(cluster.authority, { commonName: member.node, names });
  const file = (name: string, content: string) => {
    const place = path.join(cluster.directory, name);
    fs.writeFileSync(place, content, { mode: 0o600 });
    return place;
  };
  const cert = file(`etcd-${member.node}.crt`, pair.cert);
  const key = file(`etcd-${member.node}.key`, pair.key);
  const ca = file("etcd-ca.crt", cluster.authority.cert);
  const client = clientUrl(member.address);
  const argv = [
    cluster.binary,
    `--name=${member.node}`,
    `--data-dir=${path.join(cluster.directory, `etcd-${member.node}`)}`,
    `--listen-client-urls=${[...new Set([client, clientUrl(member.slotAddress)])].join(",")}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peerUrl(member.address)}`,
    `--initial-advertise-peer-urls=${peerUrl(member.address)}`,
    `--initial-cluster=${initial}`,
    `--initial-cluster-state=${state}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
    `--cert-file=${cert}`,
    `--key-file=${key}`,
    "--client-cert-auth=true",
    `--trusted-ca-file=${ca}`,
    `--peer-cert-file=${cert}`,
    `--peer-key-file=${key}`,
    "--peer-client-cert-auth=true",
    // On loopback a connection's source is its own destination: no certificate can name it.
    "--peer-skip-client-san-verification=true",
    `--peer-trusted-ca-file=${ca}`,
  ];
  // A learner answers /health only when it has caught up; "livez" answers once it serves.
  const probe = state === "new" ? "health" : "livez";
  const tls = { ca: cluster.authority.cert, ...cluster.client };
  // A member that was removed from its cluster ends by itself, before its server loses power.
  const options = { ready: answers(`${client}/${probe}`, tls), mayEnd: true };
  await cluster.processes.start(member.process, member.server.on(argv), options);
}

/** The first seed that answers; others may be down. */
async function living(cluster: EtcdCluster, seeds: readonly string[]): Promise<string> {
  for (const seed of seeds) {
    const probe = answers(`${clientUrl(seed)}/health`, { ca: cluster.authority.cert, ...cluster.client });
    if (await probe()) return seed;
  }
  throw new Error("no etcd member answers");
}

/** etcd's JSON gateway. Throws with etcd's own message. */
function call(cluster: EtcdAccess, address: string, route: string, body: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      clientUrl(address) + route,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        ca: cluster.authority.cert,
        ...cluster.client,
        agent: false,
        timeout: 10_000,
      },
      (response) => {
        let answer = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (answer += chunk));
        response.on("end", () => {
          if (response.statusCode === 200) resolve(JSON.parse(answer));
          else reject(new Error(`etcd ${route}: ${answer.trim()}`));
        });
      },
    );
    request.on("timeout", () => request.destroy(new Error(`etcd ${route}: no answer in 10 s`)));
    request.on("error", reject);
    request.end(JSON.stringify(body));
  });
}

async function persist<T>(deadline: number, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
