import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { resources } from "../../model/kubernetes/resources";
import type { Snapshot } from "../../model/live/snapshot";
import { archive, bundleOf, podLogs } from "../../ops/bundle/bundle";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import type { StackClusters } from "../../ops/live/clusters";

const when = new Date("2026-11-26T10:00:00Z");

describe("an archive", () => {
  it("is read by tar: names of any length, contents of any size, in order", () => {
    const long = `metal-x/workload/logs/kube-system/${"cilium-envoy-".repeat(6)}1/cilium-envoy.previous.log`;
    const files = [
      { name: "a.txt", text: "" },
      { name: long, text: "x".repeat(512) },
      { name: "ü.txt", text: "grün\n" },
    ];
    const read = (...args: string[]) =>
      execFileSync("tar", args, { input: archive(files, when), encoding: "utf8" });
    assert.equal(read("tzf", "-", "--quoting-style=literal"), files.map(({ name }) => `${name}\n`).join(""));
    assert.equal(read("xzOf", "-"), files.map(({ text }) => text).join(""));
  });

  it("refuses a name that its headers cannot hold", () => {
    assert.throws(() => archive([{ name: "x".repeat(300), text: "" }], when), /too long/);
  });
});

describe("a bundle", () => {
  it("shows no secret that a Secret holds in the middle of a text", async () => {
    const password = "Planted1n4Place";
    const api = (items: readonly object[]) => () =>
      Promise.resolve({
        list: (kind: { readonly kind: string }) =>
          Promise.resolve({ items: kind.kind === "Secret" ? items : [] }),
        request: () => Promise.resolve(`level=info msg="session" key ${password}, and the end`),
      } as unknown as KubernetesApi);
    const encoded = (text: string) => Buffer.from(text).toString("base64");
    const read = async (content: string) => {
      const pod = {
        ...resources.Pod,
        metadata: { name: "kube-vip", namespace: "kube-system" },
        status: { containerStatuses: [{ name: "kube-vip", restartCount: 0 }] },
      };
      const { bytes } = await bundleOf({
        snapshot: {
          cluster: "x",
          namespace: "x",
          at: when.getTime(),
          management: { parts: {} },
          workload: { parts: { pods: { objects: [pod] } }, credentials: {} },
        } as unknown as Snapshot,
        clusters: {
          management: api([{ metadata: { name: "s" }, data: { content: encoded(content) } }]),
          workload: api([]),
        } as unknown as StackClusters,
        texts: [],
        directory: "/nonexistent",
        now: when,
      });
      return execFileSync("tar", ["xzOf", "-"], { input: bytes, encoding: "utf8" });
    };
    assert.match(await read("something else"), /key Planted1n4Place/);
    for (const content of [
      `s,<password-of-a>,${password},g\n`,
      `s,<password-of-b>,other,g\ns,<password-of-a>,${password},g\n`,
      `kind: EncryptionConfiguration\nproviders:\n  - aescbc:\n      keys:\n        - name: a\n          secret: ${password}\n`,
    ])
      assert.match(await read(content), /session" key \[secret\], and the end/, content);
  });

  it("has no template or Secret of another cluster of the namespace, but its hosts", async () => {
    const object = (kind: "BareMetalHost" | "KubeadmConfigTemplate", name: string, cluster: string) => ({
      ...resources[kind],
      metadata: { name, labels: { "cluster.x-k8s.io/cluster-name": cluster } },
    });
    const nothing = () => Promise.resolve({ list: () => Promise.resolve({ items: [] }) });
    const { bytes } = await bundleOf({
      snapshot: {
        cluster: "x",
        namespace: "x",
        at: when.getTime(),
        management: {
          parts: {
            hosts: { objects: [object("BareMetalHost", "their-host", "y")] },
            bootstrapTemplates: {
              objects: [
                object("KubeadmConfigTemplate", "our-template", "x"),
                object("KubeadmConfigTemplate", "their-template", "y"),
              ],
            },
          },
        },
        workload: { parts: {}, credentials: {} },
      } as unknown as Snapshot,
      clusters: { management: nothing, workload: nothing } as unknown as StackClusters,
      texts: [],
      directory: "/nonexistent",
      now: when,
    });
    const text = execFileSync("tar", ["xzOf", "-"], { input: bytes, encoding: "utf8" });
    assert.match(text, /their-host/);
    assert.match(text, /our-template/);
    assert.doesNotMatch(text, /their-template/);
  });
});

describe("logs for a bundle", () => {
  const pod = (name: string, ready: string, restartCount: number) => ({
    ...resources.Pod,
    metadata: { name, namespace: "kube-system" },
    status: {
      conditions: [{ type: "Ready", status: ready }],
      containerStatuses: [{ name: "c", restartCount, state: { running: {} } }],
    },
  });

  it("begin with pods that are not ready, hold the run before a restart, and say which could not be read", async () => {
    const asked: string[] = [];
    const request = (_method: string, path: string, { query }: { query: { previous?: boolean } }) => {
      asked.push(`${path.split("/")[6] ?? ""}${query.previous === true ? " previous" : ""}`);
      if (query.previous === true)
        return Promise.reject(new Error("previous terminated container not found"));
      return Promise.resolve("line");
    };
    const api = { request } as unknown as KubernetesApi;
    const { files, notes } = await podLogs(api, [pod("well", "True", 0), pod("sick", "False", 3)], "logs");
    assert.deepEqual(asked, ["sick", "sick previous", "well"]);
    assert.deepEqual(
      files.map(({ name }) => name),
      ["logs/kube-system/sick/c.log", "logs/kube-system/well/c.log"],
    );
    assert.deepEqual(notes, ["logs/kube-system/sick/c.previous: previous terminated container not found"]);
  });
});
