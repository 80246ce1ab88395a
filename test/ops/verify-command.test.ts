import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { verifyChecks } from "../../model/live/verify/checks";
import { type World, healthyWorld } from "../verify/healthy";
import { FakeClusters } from "../wait/fake-clusters";
import { metal } from "./command-line";
import { renderFile, renderedKinds, runningProject } from "./running-project";
import { commandOnPath } from "./stub-command";

/** A Cilium CLI that renders what was recorded, and writes down what else it is asked and with which kubeconfig. */
const recording = (log: string, code = 0) =>
  commandOnPath(
    "cilium",
    `if [ "$1" = install ]; then cat >/dev/null; cat ${renderFile}; exit; fi\n` +
      `printf '%s|' "$@" >>${log}; stat -c ' %a' "$KUBECONFIG" >>${log}; cat "$KUBECONFIG" >>${log}.kubeconfig\n` +
      `echo "cilium says hello"; exit ${code}`,
  );

describe("npm run metal -- verify", () => {
  let world: World;
  const clusters = FakeClusters.forEachTest(({ workload }) => {
    workload.kinds.push(...renderedKinds);
    world = healthyWorld();
  });

  const project = () => runningProject(clusters.management, clusters.workload, world);
  const log = () => path.join(fs.mkdtempSync(path.join(os.tmpdir(), "metal-")), "log");

  it("says of each check what it looked at, asks with GET alone, and ends with 0 when all holds", async () => {
    const { code, out, err } = await metal(project(), ["verify"], recording("/dev/null"));
    const lines = out.trimEnd().split("\n");
    assert.equal(code, 0, out + err);
    for (const { id } of verifyChecks) {
      const line = lines.find((each) => each.includes(` ${id}`)) ?? "";
      assert.ok(line.startsWith("holds "), `${id}: ${line}`);
    }
    assert.match(lines.at(-1) ?? "", new RegExp(`^capi-1: ${verifyChecks.length} hold, 0 errors`));
    assert.deepEqual(clusters.changes, []);
  });

  it("ends with 1, and tells a program every verdict with its findings", async () => {
    (world.workload.nodes[0] ?? assert.fail()).spec["podCIDRs"] = ["10.200.0.0/24"];
    const { code, out } = await metal(project(), ["verify", "--json"], recording("/dev/null"));
    const { subject, verdicts } = JSON.parse(out) as {
      subject: string;
      verdicts: { id: string; outcome: string; findings: { at: string }[] }[];
    };
    assert.deepEqual([code, subject, verdicts.length], [1, "capi-1", verifyChecks.length]);
    const found = verdicts.find(({ id }) => id === "verify/pod-networks-planned");
    assert.deepEqual([found?.outcome, found?.findings[0]?.at], ["findings", "Node/node-20"]);
  });

  it("ends with 2 when the workload cluster does not answer", async () => {
    const directory = project();
    await clusters.workload.stop();
    const { code, out } = await metal(directory, ["verify"], recording("/dev/null"));
    assert.equal(code, 2);
    assert.match(out, /unknown {2}verify\/nodes-ready: cluster capi-1 cannot be queried/);
    assert.match(out, /holds {4}verify\/cluster-settled/);
  });

  it("runs Cilium's own tests with flags that fit logs and a cluster without the internet", async () => {
    const file = log();
    const { code, out, err } = await metal(
      project(),
      ["verify", "--connectivity", "--offline", "--curl-image", "registry.local/curl:1"],
      recording(file),
    );
    assert.equal(code, 0, out + err);
    assert.deepEqual(fs.readFileSync(file, "utf8").trimEnd().split("\n"), [
      "status|--wait|--wait-duration|5m|--interactive=false| 600",
      "connectivity|test|--hubble=false|--flow-validation=disabled|--curl-image|registry.local/curl:1|" +
        "--test|!/pod-to-world|--test|!/pod-to-cidr|--test|!to-fqdns|--test|!fqdn| 600",
    ]);
    assert.ok(fs.readFileSync(`${file}.kubeconfig`, "utf8").startsWith(clusters.workload.kubeconfig()));
    assert.match(err, /\$ cilium status --wait .*\ncilium says hello\n\$ cilium connectivity test/);
    fs.rmSync(path.dirname(file), { recursive: true });
  });

  it("ends with 1 and does not test a Cilium that does not become ready", async () => {
    const file = log();
    const { code } = await metal(
      project(),
      ["verify", "--connectivity", "--timeout", "1s"],
      recording(file, 1),
    );
    assert.equal(code, 1);
    assert.deepEqual(fs.readFileSync(file, "utf8").trimEnd().split("\n"), [
      "status|--wait|--wait-duration|1s|--interactive=false| 600",
    ]);
    fs.rmSync(path.dirname(file), { recursive: true });
  });

  it("refuses flags of the connectivity test without it", async () => {
    const { code, err } = await metal(project(), ["verify", "--offline"]);
    assert.equal(code, 2);
    assert.match(err, /--offline requires --connectivity/);
  });
});
