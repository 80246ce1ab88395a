import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { planCluster } from "../../model/plan/plan-cluster";
import { stackWith } from "../model/stacks";
import { FakeApi } from "../wait/fake-api";
import { kubeconfigSecret, projectOn } from "./cluster-project";
import { exampleText, metal, projectWith } from "./command-line";

const object = (
  type: ResourceType,
  name: string,
  rest: object = {},
  namespace?: string,
): KubernetesObject => ({
  apiVersion: type.apiVersion,
  kind: type.kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...rest,
});

/** The four nodes of capi-1, each with its session and its pod network announced. */
function nodes(state = "established"): KubernetesObject[] {
  return [20, 21, 22, 23].flatMap((last, i) => {
    const peer = {
      name: "frr-v4",
      peerAddress: "192.168.254.1",
      peeringState: i === 3 ? state : "established",
      routeCount: [{ afi: "ipv4", safi: "unicast", advertised: i === 3 && state !== "established" ? 0 : 1 }],
    };
    return [
      object(resources.Node, `node-${last}`, {
        spec: { podCIDRs: [`10.244.${i}.0/24`] },
        status: { addresses: [{ type: "InternalIP", address: `10.250.250.${last}` }] },
      }),
      object(resources.CiliumBGPNodeConfig, `node-${last}`, {
        spec: { bgpInstances: [{ name: "default", localASN: 65010, peers: [{ name: "frr-v4" }] }] },
        status: { bgpInstances: [{ name: "default", localASN: 65010, peers: [peer] }] },
      }),
    ];
  });
}

/** What FRR would answer; `last` is the last node's own prefix. */
function answer(last: readonly string[] = ["10.244.3.0/24"]): string {
  const own = [["10.244.0.0/24"], ["10.244.1.0/24"], ["10.244.2.0/24"], last];
  const routes = own.flatMap((prefixes, i) => {
    const address = `10.250.250.${20 + i}`;
    return prefixes.map((prefix) => [
      prefix,
      [{ valid: true, peerId: address, nexthops: [{ ip: address }] }],
    ]);
  });
  return JSON.stringify({ localAS: 65001, routes: Object.fromEntries(routes) as object });
}

describe("npm run metal -- bgp verify", () => {
  const api = new FakeApi();
  before(() => api.start());
  after(() => api.stop());
  beforeEach(() => {
    api.put(kubeconfigSecret(api.kubeconfig()), ...(planCluster(stackWith()).bgp?.objects ?? []), ...nodes());
  });

  const project = () => projectOn(api);

  it("says what it has compared, and who was not asked", async () => {
    const { code, out, err } = await metal(project(), ["bgp", "verify"]);
    assert.equal(code, 0, out + err);
    assert.equal(out, "ok  capi-1: as planned; compared 4 sessions of 4 nodes, router frr not compared\n");
    assert.ok(!api.requests.some((request) => !request.startsWith("GET ")), "it reads only");
  });

  it("compares what a command prints, and what a file holds", async () => {
    const directory = project();
    const file = path.join(directory, "answer.json");
    fs.writeFileSync(file, answer());
    const env = { PATH: process.env["PATH"] };
    const command = await metal(directory, ["bgp", "verify", "--router-command", `cat ${file}`], env);
    assert.deepEqual(
      [command.code, command.out],
      [0, "ok  capi-1: as planned; compared 4 sessions of 4 nodes, 4 routes on frr\n"],
    );
    fs.writeFileSync(file, answer([]));
    const filtered = await metal(directory, ["bgp", "verify", "--router-output", file, "--json"]);
    assert.equal(filtered.code, 1);
    const { findings } = JSON.parse(filtered.out) as { findings: { id: string; at: string }[] };
    assert.deepEqual(
      findings.map(({ id, at }) => `${id} ${at}`),
      ["bgp/routes-received frr from node-23 (10.250.250.23)"],
    );
  });

  it("ends with 1 and the list where a session is down", async () => {
    api.put(...nodes("idle"));
    const { code, out } = await metal(project(), ["bgp", "verify"]);
    assert.equal(code, 1);
    assert.match(
      out,
      /^error bgp\/asn-agreed {2}node-23 to frr-v4 \(192\.168\.254\.1\)\n {2}frr answers and refuses/,
    );
    assert.match(out, /1 differences in capi-1; compared 4 sessions/);
  });

  it("ends with 2 where it cannot tell", async () => {
    const directory = project();
    const file = path.join(directory, "answer.txt");
    fs.writeFileSync(file, "% Unknown command");
    const wrong = await metal(directory, ["bgp", "verify", "--router-output", file]);
    assert.deepEqual([wrong.code, wrong.out], [2, ""]);
    assert.match(wrong.err, /contains no JSON of show bgp/);
    api.remove(object(resources.Secret, "capi-1-kubeconfig", {}, "capi-1"));
    const early = await metal(directory, ["bgp", "verify"]);
    assert.equal(early.code, 2);
    assert.match(early.err, /Secret capi-1\/capi-1-kubeconfig not found/);
  });

  it("does not apply to a stack without BGP", async () => {
    const without = exampleText.slice(0, exampleText.indexOf("  metal:bgp:"));
    const { code, out } = await metal(projectWith({ "Pulumi.capi-1.yaml": without }), ["bgp", "verify"]);
    assert.deepEqual([code, out], [0, "not applicable: stack capi-1 has no bgp\n"]);
  });
});
