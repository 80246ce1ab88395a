import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { resources } from "../../model/kubernetes/resources";
import { podLogs, archive } from "../../ops/bundle/bundle";
import type { KubernetesApi } from "../../ops/kubernetes/api";

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
