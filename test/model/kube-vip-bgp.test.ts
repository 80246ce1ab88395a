import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { checkStack } from "../../model/checks";
import { importStack } from "../../model/import/import-stack";
import { field, list, text } from "../../model/kubernetes/object";
import { controlPlaneKubeadm } from "../../model/plan/manifests/kubeadm";
import { planCluster } from "../../model/plan/plan-cluster";
import { readStack } from "../../model/stack/read-stack";
import type { Stack } from "../../model/stack/schema";
import { separateSecrets } from "../../model/stack/secrets";
import { between, side } from "../change/sides";
import { rawShape } from "./fixtures";
import { type RawStack, endpointWithPassword } from "./stacks";

const password = "throw-away";

function fileOf(stack: Stack, name: string): unknown {
  return list(controlPlaneKubeadm(stack, true), "files").find((each) => text(each, "path")?.endsWith(name));
}

function variablesOf(manifest: string): ReadonlyMap<string, unknown> {
  const [container] = list(parse(manifest), "spec", "containers");
  return new Map(
    list(container, "env").map((entry) => [
      text(entry, "name") ?? "",
      text(entry, "value") ?? field(entry, "valueFrom", "fieldRef", "fieldPath"),
    ]),
  );
}

/** The value that cloud-init writes on a machine of a rack. */
function inRack(value: unknown, rack: string): unknown {
  const [, map] = /^\{\{ (.*)\[ds\.meta_data\.failureDomain\] \}\}$/.exec(String(value)) ?? [];
  return map === undefined ? value : (JSON.parse(map) as RawStack)[rack];
}

/** The manifest on a machine, where sed has put the passwords into it. */
function withPasswords(stack: Stack): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kube-vip-"));
  const [manifest, script] = [path.join(folder, "kube-vip.yaml"), path.join(folder, "passwords.sed")];
  fs.writeFileSync(manifest, text(fileOf(stack, "/kube-vip.yaml"), "content") ?? "");
  const secret = planCluster(stack).cluster.secrets.find(({ composed }) => composed !== undefined);
  const parts = secret?.composed?.["content"] ?? [];
  fs.writeFileSync(script, parts.map((part) => (typeof part === "string" ? part : password)).join(""));
  execFileSync("sed", ["-i", "-f", script, manifest]);
  return fs.readFileSync(manifest, "utf8");
}

/** The stack `routed` with a change. */
function routed(change: (endpoint: RawStack[]) => void = () => undefined): Stack {
  const raw = structuredClone(rawShape("routed"));
  change((raw["bgp"] as { endpoint: RawStack[] }).endpoint);
  const { stack, findings } = readStack(separateSecrets(raw).raw, "routed");
  assert.ok(stack, JSON.stringify(findings));
  return stack;
}

describe("kube-vip that announces the endpoint by BGP", () => {
  it("peers from each machine with the router of its own rack, under the rack's ASN", () => {
    const variables = variablesOf(text(fileOf(routed(), "/kube-vip.yaml"), "content") ?? "");
    assert.deepEqual(
      ["rack-1", "rack-2", "rack-3"].map((rack) => [
        inRack(variables.get("bgp_as"), rack),
        inRack(variables.get("bgp_peers"), rack),
      ]),
      [
        ["65301", "10.41.0.1:65101::false"],
        ["65302", "10.42.0.1:65102::false"],
        ["65303", "10.43.0.1:65103::false"],
      ],
    );
    assert.equal(variables.get("bgp_routerid"), "status.hostIP");
    assert.equal(variables.get("bgp_enable"), "true");
    // kube-vip v1.2 exits with two modes.
    assert.equal(variables.get("vip_arp"), "false");
    assert.equal(variables.get("vip_interface"), "lo");
    assert.equal(variables.get("vip_leaderelection"), "true");
  });

  it("writes one value where all machines have the same, and an IPv6 router in brackets", () => {
    const same = routed((endpoint) =>
      endpoint.splice(0, 3, { name: "api", localASN: 65300, routers: ["leaf-1"], multihop: 2 }),
    );
    const variables = variablesOf(text(fileOf(same, "/kube-vip.yaml"), "content") ?? "");
    assert.equal(variables.get("bgp_as"), "65300");
    assert.equal(variables.get("bgp_peers"), "10.41.0.1:65101::true");
  });

  it("takes its passwords from a Secret's file, which no command line and no plain object shows", () => {
    const stack = endpointWithPassword();
    const plan = planCluster(stack);
    assert.ok(!JSON.stringify(plan).includes(password));
    const secret = plan.cluster.secrets.find(({ composed }) => composed !== undefined);
    assert.deepEqual(secret?.composed, {
      content: ["s,<password-of-api>,", { secret: "bgp.endpoint[0].password" }, ",g\n"],
    });
    assert.deepEqual(field(fileOf(stack, ".sed"), "contentFrom", "secret"), {
      name: secret.manifest.metadata.name,
      key: "content",
    });
    assert.equal(text(fileOf(stack, "/kube-vip.yaml"), "permissions"), "0600");
    const command = list(controlPlaneKubeadm(stack, true), "preKubeadmCommands").find((each) =>
      String(each).includes(".sed"),
    );
    assert.equal(
      command,
      "sed -i -f /etc/kubernetes/kube-vip-passwords.sed /etc/kubernetes/manifests/kube-vip.yaml",
    );
    assert.equal(variablesOf(withPasswords(stack)).get("bgp_peers"), `192.0.2.1:65000:${password}:false`);
  });

  it("gives its password to each router of a peer", () => {
    const stack = endpointWithPassword((bgp) => {
      (bgp["routers"] as RawStack[]).push({ name: "tor-2", asn: 65000, addresses: ["192.0.2.4"] });
      Object.assign((bgp["endpoint"] as RawStack[])[0] ?? {}, { routers: ["tor", "tor-2"] });
    });
    assert.equal(
      variablesOf(withPasswords(stack)).get("bgp_peers"),
      `192.0.2.1:65000:${password}:false,192.0.2.4:65000:${password}:false`,
    );
  });

  it("gives each rack the password of its own peer", () => {
    const stack = routed((endpoint) => endpoint.forEach((peer) => Object.assign(peer, { password })));
    const peers = variablesOf(withPasswords(stack)).get("bgp_peers");
    assert.equal(inRack(peers, "rack-1"), `10.41.0.1:65101:${password}:false`);
    assert.equal(inRack(peers, "rack-3"), `10.43.0.1:65103:${password}:false`);
  });

  it("leaves Cilium's BGP off where Cilium has no instance", () => {
    const raw = structuredClone(rawShape("routed"));
    Object.assign(raw["bgp"] as RawStack, { instances: [], loadBalancerPools: [] });
    const { stack } = readStack(separateSecrets(raw).raw, "routed");
    assert.ok(stack);
    const plan = planCluster(stack);
    assert.equal(plan.bgp, undefined);
    assert.equal(field(plan.cilium.values, "bgpControlPlane", "enabled"), false);
    assert.match(plan.routerConfigurations["leaf-1"] ?? "", /permit 10\.39\.0\.1\/32/);
  });

  it("is a line of its own on a router that takes Cilium's nodes from a range", () => {
    const raw = structuredClone(rawShape("routed"));
    Object.assign((raw["bgp"] as { routers: RawStack[] }).routers[0] ?? {}, {
      listenRanges: ["10.41.0.0/24"],
    });
    const { stack } = readStack(separateSecrets(raw).raw, "routed");
    assert.ok(stack);
    const configuration = planCluster(stack).routerConfigurations["leaf-1"] ?? "";
    assert.match(configuration, /neighbor 10\.41\.0\.20 peer-group routed_api-1_v4\n/);
    assert.match(configuration, /bgp listen range 10\.41\.0\.0\/24 peer-group routed_leaf-1_v4\n/);
  });
});

describe("control plane hosts that are out of service", () => {
  const changed = (change: (raw: RawStack) => void): Stack => {
    const raw = structuredClone(rawShape("routed"));
    change(raw);
    const { stack, findings } = readStack(separateSecrets(raw).raw, "routed");
    assert.ok(stack, JSON.stringify(findings));
    return stack;
  };
  const hosts = (raw: RawStack) => raw["hosts"] as RawStack[];
  const manifest = (stack: Stack) => text(fileOf(stack, "/kube-vip.yaml"), "content");
  const neighbours = (stack: Stack) =>
    Object.values(planCluster(stack).routerConfigurations)
      .join("\n")
      .match(/neighbor \S+ peer-group routed_api-\d_v4/g);

  it("are no peers of the routers where they are switched off, and their rack keeps its entry on the machines", () => {
    const off = changed((raw) => Object.assign(hosts(raw)[0] ?? {}, { online: false }));
    assert.equal(neighbours(routed())?.length, 3);
    assert.deepEqual(neighbours(off)?.length, 2);
    assert.equal(manifest(off), manifest(routed()));
    const found = checkStack(off).filter(({ id }) => id.startsWith("bgp/endpoint"));
    assert.deepEqual(found, []);
  });

  it("are no peers, and change no machine, where they run a system of their own", () => {
    const adopted = changed((raw) =>
      hosts(raw).push({
        ...hosts(raw)[0],
        ...{ name: "db-1", failureDomain: "rack-9", externallyProvisioned: true },
        ...{ mac: "02:00:00:48:00:99", address: "10.41.0.99", links: [] },
      }),
    );
    assert.equal(neighbours(adopted)?.length, 3);
    assert.ok(!JSON.stringify(planCluster(adopted).routerConfigurations).includes("10.41.0.99"));
    assert.equal(manifest(adopted), manifest(routed()));
    // Its rack needs no peer.
    assert.deepEqual(
      checkStack(adopted).filter(({ id }) => id === "bgp/endpoint-machines-covered"),
      [],
    );
  });
});

describe("a change of the endpoint's sessions", () => {
  const rows = (before: Stack, after: Stack, sealed: Readonly<Record<string, string>> = {}) =>
    between(
      side(before, { rendered: false, sealed: { "bgp.endpoint[0].password": "v1:a" } }),
      side(after, { rendered: false, sealed: { "bgp.endpoint[0].password": "v1:a", ...sealed } }),
    ).effects.map(({ level, area, effect }) => `${level} ${area} ${effect.text()}`);

  it("replaces the control plane machines, whose sessions follow", () => {
    const found = rows(
      routed(),
      routed(([first]) => Object.assign(first ?? {}, { localASN: 65399 })),
    );
    assert.match(found.join("\n"), /^high machines 3 control plane machines are re-imaged/m);
    assert.match(found.join("\n"), /^high bgp 1 BGP session resets and stays down until router leaf-1/m);
  });

  it("that is a password written again replaces nothing: machines made later have it", () => {
    const stack = routed(([first]) => Object.assign(first ?? {}, { password }));
    assert.deepEqual(rows(stack, stack, { "bgp.endpoint[0].password": "v1:b" }), [
      "high machines if it changed, machines that are made from now on get a file that no comparison shows; running machines keep the old one",
    ]);
  });
});

describe("import of kube-vip's BGP", () => {
  for (const file of ["kube-vip.yaml", "vip2.yaml"])
    it(`reads peers of kube-vip's manifest ${file}, and no password`, () => {
      const result = importStack([
        {
          name: "kcp.yaml",
          text: JSON.stringify({
            apiVersion: "controlplane.cluster.x-k8s.io/v1beta2",
            kind: "KubeadmControlPlane",
            metadata: { name: "foreign", namespace: "foreign" },
            spec: {
              replicas: 3,
              version: "v1.36.3",
              kubeadmConfigSpec: {
                files: [
                  {
                    path: `/etc/kubernetes/manifests/${file}`,
                    content: stringify({
                      kind: "Pod",
                      spec: {
                        containers: [
                          {
                            image: "ghcr.io/kube-vip/kube-vip:v1.0.1",
                            env: [
                              { name: "address", value: "10.39.0.1" },
                              { name: "bgp_enable", value: "true" },
                              { name: "bgp_as", value: "65300" },
                              {
                                name: "bgp_peers",
                                value: `192.0.2.1:65001:${password}:false,192.0.2.2:65001:${password}:false`,
                              },
                            ],
                          },
                        ],
                      },
                    }),
                  },
                ],
              },
            },
          }),
        },
      ]);
      assert.ok(!("problems" in result));
      assert.deepEqual(
        result.stack.bgp?.endpoint.map(({ routers, localASN, holdTimeSeconds }) => [
          routers,
          localASN,
          holdTimeSeconds,
        ]),
        [[["router-192-0-2-1", "router-192-0-2-2"], 65300, 90]],
      );
      assert.ok(!result.text.includes("manifests/"), "the stack writes its own static pod");
      assert.ok(!result.text.includes(password) && !JSON.stringify(result.notCarried).includes(password));
    });
});
