import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ReadinessPlan } from "../../model/live/readiness/assess";
import { WorkloadCluster } from "../../ops/wait/workload-cluster";

describe("the wait and the kubeconfig that the management cluster holds", () => {
  it("runs no program that it names, and reports the Secret", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-workload-"));
    const planted = path.join(folder, "planted");
    const ending = new AbortController();
    const plan = { subject: "bgp", cluster: "capi-1", namespace: "capi-1" } as unknown as ReadinessPlan;
    const workload = new WorkloadCluster(plan, () => undefined, ending.signal);
    const user = {
      exec: { apiVersion: "client.authentication.k8s.io/v1", command: "touch", args: [planted] },
    };
    const config = {
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:9" } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      users: [{ name: "u", user }],
      "current-context": "c",
    };
    const value = Buffer.from(JSON.stringify(config)).toString("base64");
    workload.use({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "capi-1-kubeconfig", namespace: "capi-1" },
      data: { value },
    });
    await sleep(500);
    ending.abort();
    assert.match(
      workload.endpoint.lastError ?? "",
      /Secret capi-1\/capi-1-kubeconfig has exec, which would run a program/,
    );
    assert.ok(!fs.existsSync(planted));
    fs.rmSync(folder, { recursive: true });
  });
});
