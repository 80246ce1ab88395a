import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { type World, healthyWorld } from "../verify/healthy";
import { FakeClusters } from "../wait/fake-clusters";
import { metal } from "./command-line";
import { renderFile, renderedKinds, runningProject } from "./running-project";
import { commandOnPath } from "./stub-command";

const rendering = () => commandOnPath("cilium", `cat >/dev/null; cat ${renderFile}`);

describe("npm run metal -- gitops", () => {
  let world: World;
  const clusters = FakeClusters.forEachTest(({ workload }) => {
    workload.kinds.push(...renderedKinds);
    world = healthyWorld();
  });

  it("writes the tool's objects once nothing would change, and says what comes first", async () => {
    const directory = runningProject(clusters.management, clusters.workload, world);
    const argv = ["gitops", "--tool", "flux", "--bgp", "--output", "handed"];
    const { code, out, err } = await metal(directory, argv, rendering());
    assert.deepEqual([code, out], [0, "handed/cilium.yaml\nhanded/bgp.yaml\n"], err);
    assert.match(err, /holds {4}gitops\/render-runs: \d+ objects, each planned field/);
    assert.match(
      err,
      /next: write cilium\.lifecycle: gitops and bgp\.lifecycle: gitops into the stack file, pulumi up/,
    );
    const golden = path.join(__dirname, "../golden/gitops/flux/cilium.yaml");
    assert.equal(
      fs.readFileSync(path.join(directory, "handed/cilium.yaml"), "utf8"),
      fs.readFileSync(golden, "utf8"),
    );
    assert.deepEqual(clusters.changes, []);
  });

  it("ends with 1 and writes nothing where something else runs", async () => {
    const directory = runningProject(clusters.management, clusters.workload, world);
    const other = commandOnPath(
      "cilium",
      `cat >/dev/null; sed 's/debug: "false"/debug: "true"/' ${renderFile}`,
    );
    const { code, out, err } = await metal(directory, ["gitops", "--tool", "argocd"], other);
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /gitops\/render-runs ConfigMap\/kube-system\/cilium-config/);
    assert.match(err, /refused: nothing was written\n$/);
  });

  it("ends with 2 where the cluster cannot be queried, and where no tool is named", async () => {
    const directory = runningProject(clusters.management, clusters.workload, world);
    await clusters.workload.stop();
    const silent = await metal(directory, ["gitops", "--tool", "argocd"], rendering());
    assert.deepEqual([silent.code, silent.out], [2, ""]);
    const unnamed = await metal(directory, ["gitops"]);
    assert.equal(unnamed.code, 2);
    assert.match(unnamed.err, /--tool/);
  });
});
