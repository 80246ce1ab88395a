import crypto from "node:crypto";
import type { Announcement } from "./announcements";
import type { Family, PeerPlan, SpeakerPlan } from "./plan-nodes";

/** A configuration for gobgpd. */
export interface GobgpConfig {
  /** The file's content, in gobgpd's JSON form. */
  readonly file: Record<string, unknown>;
  /** Name of the export policy; it changes with what is announced, so that a reload can be seen to have happened. */
  readonly policy: string;
  /** Prefixes that must be in the speaker's table, by family. */
  readonly prefixes: readonly { readonly prefix: string; readonly family: "ipv4" | "ipv6" }[];
}

/** Families that gobgpd is to negotiate; Cilium supports no other. */
const supported = ["ipv4", "ipv6"];

/**
 * The configuration that the agent gives its embedded GoBGP: nothing is announced unless a peer's advertisements name it, and each
 * peer receives its own.
 */
export function gobgpConfig(speaker: SpeakerPlan): GobgpConfig {
  const rules = speaker.peers.flatMap((peer) =>
    peer.announcements.map((announcement) => ({ peer, announcement })),
  );
  const statements = rules.map(({ peer, announcement }, i) => ({
    name: `statement-${i}`,
    conditions: {
      "match-prefix-set": { "prefix-set": `prefix-${i}` },
      "match-neighbor-set": { "neighbor-set": `peer-${peer.name}` },
    },
    actions: actionsOf(announcement),
  }));
  const policy = `announce-${hash(rules.map(({ peer, announcement }) => [peer.name, announcement]))}`;
  return {
    policy,
    prefixes: [...new Set(rules.map(({ announcement }) => announcement.prefix))].sort().map((prefix) => ({
      prefix,
      family: prefix.includes(":") ? "ipv6" : "ipv4",
    })),
    file: {
      global: {
        config: {
          as: speaker.localASN,
          "router-id": speaker.routerId,
          port: speaker.localPort ?? -1,
          // All speakers share the lab's network: each listens at its own node only.
          ...(speaker.localPort === undefined ? {} : { "local-address-list": localAddresses(speaker) }),
        },
        "apply-policy": {
          config: {
            "default-import-policy": "accept-route",
            "default-export-policy": "reject-route",
            "export-policy-list": [policy],
          },
        },
      },
      "defined-sets": {
        "prefix-sets": rules.map(({ announcement }, i) => ({
          "prefix-set-name": `prefix-${i}`,
          "prefix-list": [{ "ip-prefix": announcement.prefix }],
        })),
        "neighbor-sets": speaker.peers.map((peer) => ({
          "neighbor-set-name": `peer-${peer.name}`,
          "neighbor-info-list": [peer.address],
        })),
      },
      "policy-definitions": [{ name: policy, statements }],
      neighbors: speaker.peers.map(neighbour),
    },
  };
}

function neighbour(peer: PeerPlan): Record<string, unknown> {
  const restarts = peer.restartSeconds !== undefined;
  return {
    config: {
      "neighbor-address": peer.address,
      "peer-as": peer.asn,
      ...(peer.password === undefined ? {} : { "auth-password": peer.password }),
    },
    timers: {
      config: {
        "connect-retry": peer.connectRetrySeconds,
        "hold-time": peer.holdSeconds,
        "keepalive-interval": peer.keepAliveSeconds,
        // fixed in the agent
        "idle-hold-time-after-reset": 5,
      },
    },
    transport: { config: { "local-address": peer.localAddress, "remote-port": peer.port } },
    ...(peer.multihop > 1
      ? { "ebgp-multihop": { config: { enabled: true, "multihop-ttl": peer.multihop } } }
      : {}),
    ...(restarts
      ? {
          "graceful-restart": {
            config: { enabled: true, "restart-time": peer.restartSeconds, "notification-enabled": true },
          },
        }
      : {}),
    "afi-safis": peer.families.filter(isSupported).map((family) => ({
      config: { "afi-safi-name": `${family.afi}-${family.safi}` },
      ...(restarts ? { "mp-graceful-restart": { config: { enabled: true } } } : {}),
    })),
  };
}

function isSupported({ afi, safi }: Family): boolean {
  return supported.includes(afi) && safi === "unicast";
}

function actionsOf(announcement: Announcement): Record<string, unknown> {
  const { communities, largeCommunities, localPreference } = announcement;
  const actions = {
    ...(communities.length === 0
      ? {}
      : {
          "set-community": {
            options: "add",
            "set-community-method": { "communities-list": communities },
          },
        }),
    ...(largeCommunities.length === 0
      ? {}
      : {
          "set-large-community": {
            options: "ADD",
            "set-large-community-method": { "communities-list": largeCommunities },
          },
        }),
    ...(localPreference === undefined ? {} : { "set-local-pref": localPreference }),
  };
  return {
    "route-disposition": "accept-route",
    ...(Object.keys(actions).length === 0 ? {} : { "bgp-actions": actions }),
  };
}

function localAddresses(speaker: SpeakerPlan): string[] {
  return [...new Set(speaker.peers.map((peer) => peer.localAddress))];
}

function hash(value: unknown): string {
  return crypto.createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8);
}
