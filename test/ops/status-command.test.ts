import assert from "node:assert/strict";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { runMetal } from "../../ops/commands/run";
import type { StatusTree } from "../../model/live/status/item";
import { healthySnapshot } from "../live/healthy";
import { FakeClusters } from "../wait/fake-clusters";
import { kubeconfigSecret, projectOn } from "./cluster-project";
import { metal } from "./command-line";

const snapshot = healthySnapshot();
const objectsOf = (side: "management" | "workload"): readonly KubernetesObject[] =>
  Object.values(snapshot[side].parts).flatMap(({ objects = [] }) => objects);

describe("npm run metal -- status", () => {
  const clusters = FakeClusters.forEachTest(({ management, workload }) => {
    management.put(...objectsOf("management"), kubeconfigSecret(workload.kubeconfig()));
    workload.put(...objectsOf("workload"));
  });

  const project = () => projectOn(clusters.management);

  it("ends with 0 and the tree when all is well, asking with GET alone", async () => {
    const { code, out, err } = await metal(project(), ["status"]);
    assert.equal(code, 0, out + err);
    assert.match(out, /^capi-1 {2}v1\.36\.3 {2}READY {2}4\/4 nodes Ready/);
    assert.deepEqual(clusters.changes, []);
  });

  it("ends with 1 when something is missing, as JSON too", async () => {
    await clusters.workload.stop();
    const { code, out } = await metal(project(), ["status", "--json"]);
    const tree = JSON.parse(out) as StatusTree;
    assert.deepEqual([code, tree.verdict], [1, "not ready"]);
    assert.ok(tree.items.some(({ kind, mark }) => kind === "control-plane" && mark === "good"));
  });

  it("ends with 2 when the management cluster does not answer", async () => {
    await clusters.management.stop();
    const { code, out } = await metal(project(), ["status"]);
    assert.equal(code, 2);
    assert.match(out, /UNKNOWN/);
    assert.match(out, /Management cluster +the management cluster cannot be queried/);
  });

  /** Watches until the last step is done; each step waits for its line. */
  async function watched(steps: readonly (readonly [line: RegExp, then: () => void])[]): Promise<string> {
    let out = "";
    let done = 0;
    const code = await runMetal(["status", "--watch", "--for", "40"], {
      out: (text) => {
        out += `${text}\n`;
        const [line, then] = steps[done] ?? [];
        if (line === undefined || !line.test(out)) return;
        done += 1;
        then?.();
      },
      err: () => undefined,
      interactive: false,
      colours: false,
      directory: project(),
      env: {},
      now: () => new Date(),
    });
    assert.equal(done, steps.length, out);
    assert.equal(code, 1);
    return out;
  }

  it("watches: says each change once, and how it is when a cluster goes away", async () => {
    const [host] = objectsOf("management").filter(({ metadata }) => metadata.name === "capi-1-w-1");
    assert.ok(host);
    const out = await watched([
      [
        /Certificates/,
        () => clusters.management.put({ ...host, status: { provisioning: { state: "deprovisioning" } } }),
      ],
      [/busy: deprovisioning/, () => void clusters.workload.stop()],
      [/Workload cluster {2}unknown: .*ECONNREFUSED/, () => process.emit("SIGTERM")],
    ]);
    assert.match(out, /capi-1 {2}ready, 4\/4 nodes Ready\n/);
    const about = out.split("\n").filter((line) => line.includes("Workers workers > capi-1-w-1  "));
    assert.equal(about.length, 2, out);
  });

  it("watches as JSON: one tree on a line whenever it says something new", async () => {
    const { out } = await metal(project(), ["status", "--watch", "--json", "--for", "8"]);
    const lines = out.trim().split("\n");
    assert.equal((JSON.parse(lines.at(-1) ?? "") as StatusTree).verdict, "ready");
  });
});
