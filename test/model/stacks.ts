import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { readStack } from "../../model/stack/read-stack";
import type { Stack } from "../../model/stack/schema";
import { separateSecrets } from "../../model/stack/secrets";

/** A raw configuration, keys without `metal:`; tests change it freely. */
export type RawStack = Record<string, unknown>;

/** capi-1 as its stack file says it, with a throw-away password. */
export function rawCapi1(): RawStack {
  const raw = rawStackFile(path.join(__dirname, "../../Pulumi.capi-1.yaml"));
  return { ...raw, bmc: { username: "metal", password: "throw-away" } };
}

/** Stack files that have been parsed, by their text: hundreds of tests begin with the same ones. */
const parsed = new Map<string, { readonly config: RawStack }>();

/** A stack file's keys without `metal:`; encrypted values stay as they are. */
export function rawStackFile(file: string): RawStack {
  const text = fs.readFileSync(file, "utf8");
  const document = parsed.get(text) ?? (parse(text) as { config: RawStack });
  parsed.set(text, document);
  const { config } = structuredClone(document);
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("metal:", ""), value]));
}

/** A stack that obeys the schema, from capi-1 with a change. */
export function stackWith(change: (raw: RawStack) => void = () => undefined): Stack {
  const raw = rawCapi1();
  change(raw);
  const reading = readStack(separateSecrets(raw).raw, "capi-1");
  if (reading.stack === undefined) throw new Error(JSON.stringify(reading.findings, undefined, 2));
  return reading.stack;
}

/** Changes one host of a raw stack. */
export function changeHost(raw: RawStack, index: number, change: Record<string, unknown>): void {
  const hosts = raw["hosts"] as Record<string, unknown>[];
  hosts[index] = { ...hosts[index], ...change };
}

/** Adds a second host to the pool of workers, and gives the pool these settings. */
export function addWorkerHost(raw: RawStack, pool: object): void {
  const hosts = raw["hosts"] as Record<string, unknown>[];
  hosts[4] = {
    ...hosts[3],
    name: "capi-1-w-2",
    mac: "52:54:00:0a:00:24",
    address: "10.250.250.24",
    bmc: { address: "redfish-virtualmedia://10.250.251.24/redfish/v1/Systems/1", verifyCertificate: false },
    links: [{ name: "eno1", mac: "52:54:00:0a:00:24" }],
    rootDeviceHints: { serialNumber: "S4EMNX0R100024" },
  };
  raw["workers"] = [{ name: "workers", ...pool }];
}

/** The good stack endpoint-by-bgp with a password for the sessions of kube-vip, `throw-away`. */
export function endpointWithPassword(change: (bgp: RawStack) => void = () => undefined): Stack {
  const raw = rawStackFile(path.join(__dirname, "../fixtures/good/endpoint-by-bgp.yaml"));
  Object.assign((raw["bgp"] as { endpoint: RawStack[] }).endpoint[0] ?? {}, { password: "throw-away" });
  change(raw["bgp"] as RawStack);
  const { stack, findings } = readStack(separateSecrets(raw).raw, "endpoint-by-bgp");
  if (stack === undefined) throw new Error(JSON.stringify(findings));
  return stack;
}

/** capi-1 with addresses from a pool, dual stack, two racks and everything optional in use. */
export function stackWithEverything(): Stack {
  return stackWith((raw) => {
    raw["network"] = {
      ...(raw["network"] as object),
      addressPool: { start: "10.250.250.100", end: "10.250.250.120" },
      secondary: {
        nodes: "fd00:10:250::/64",
        gateway: "fd00:10:250::1",
        addressPool: { start: "fd00:10:250::100", end: "fd00:10:250::120" },
      },
      pods: ["10.244.0.0/16", "fd00:10:244::/56"],
      services: ["10.96.0.0/12", "fd00:10:96::/112"],
    };
    (raw["hosts"] as Record<string, unknown>[]).forEach((host, i) => {
      delete host["address"];
      host["failureDomain"] = `rack-${i % 2}`;
    });
    raw["workers"] = [
      {
        name: "workers",
        labels: { "example.com/disk": "ssd" },
        taints: [{ key: "example.com/batch", value: "yes", effect: "NoSchedule" }],
        rollout: { spareHost: true },
      },
    ];
    raw["controlPlane"] = {
      ...(raw["controlPlane"] as object),
      secretFiles: [{ path: "/etc/kubernetes/encryption.yaml", secretContent: "throw-away" }],
    };
    raw["kubernetes"] = {
      ...(raw["kubernetes"] as object),
      imageRepository: "registry.example.com/kubernetes",
      featureGates: { ControlPlaneKubeletLocalMode: true },
    };
    raw["machines"] = {
      files: [{ path: "/etc/motd", content: "hello" }],
      secretFiles: [{ path: "/etc/containerd/login.toml", secretContent: "throw-away" }],
      preKubeadmCommands: ["echo before"],
      postKubeadmCommands: ["echo after"],
      kubeletArguments: { "max-pods": "250" },
      kubeletConfiguration: { evictionHard: { "memory.available": "5%" } },
      users: [{ name: "ops", sshAuthorizedKeys: ["ssh-ed25519 AAAA"] }],
      registryMirrors: { "quay.io": ["https://mirror.example.com"] },
      proxy: { http: "http://proxy.example.com:3128" },
    };
  });
}
