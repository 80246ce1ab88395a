import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { field, list, text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { Scenarios } from "../scenarios";
import type { OperationsStage } from "./stage";

const paused = "baremetalhost.metal3.io/paused";

/** Puts the pause mark on the first host, or takes it away. */
async function pauseHost(stage: OperationsStage, value: string | null): Promise<string> {
  const [host] = (await stage.management.list(resources.BareMetalHost, stage.namespace)).items;
  assert.ok(host);
  const { name } = host.metadata;
  const patch = { metadata: { annotations: { [paused]: value } } };
  await stage.management.mergePatch(resources.BareMetalHost, name, stage.namespace, patch);
  return name;
}

/** `status` and `diagnose` against real API servers and the real controllers' conditions. */
export const LOOKING: Scenarios<OperationsStage> = {
  "status shows a cluster that is ready, and diagnose names nothing": async (stage) => {
    const status = await stage.metal("status");
    assert.equal(status.code, 0, status.stdout + status.stderr);
    assert.match(status.stdout, /READY/);
    const diagnosis = await stage.metal("diagnose");
    assert.equal(diagnosis.code, 0, diagnosis.stdout + diagnosis.stderr);
  },
  "a preview from another machine, with several kubeconfigs, shows no change": async (stage) => {
    await stage.previewElsewhere("--expect-no-changes");
  },
  "diff --live finds no drift, and names what somebody changed by hand in either cluster": async (stage) => {
    stage.commit();
    const drift = async () => {
      const { code, stdout, stderr } = await stage.metal("diff", "--live", "--base", "HEAD", "--json");
      assert.equal(code, 0, stderr);
      const read = field(JSON.parse(stdout), "drift");
      assert.deepEqual(list(read, "unknown"), []);
      return [
        ...list(read, "objects").map((each) => `${text(each, "kind") ?? ""} ${text(each, "name") ?? ""}`),
        ...list(read, "settings").map((each) => text(each, "key") ?? ""),
      ];
    };
    const { management, namespace } = stage;
    const name = `${stage.cluster}-workers`;
    const startup = ["spec", "checks", "nodeStartupTimeoutSeconds"] as const;
    const planned = field(
      await management.get(resources.MachineHealthCheck, name, namespace),
      ...startup,
    ) as number;
    const edit = async (debug: string, nodeStartupTimeoutSeconds: number) => {
      const workload = await stage.workload();
      await workload.mergePatch(resources.ConfigMap, "cilium-config", "kube-system", { data: { debug } });
      const spec = { checks: { nodeStartupTimeoutSeconds } };
      await management.mergePatch(resources.MachineHealthCheck, name, namespace, { spec });
    };
    assert.deepEqual(await drift(), []);
    await edit("true", planned + 60);
    const found = await drift();
    await edit("false", planned);
    assert.deepEqual(found, [`MachineHealthCheck ${name}`, "debug"]);
    assert.deepEqual(await drift(), []);
  },
  "diagnose names a paused host with the command that ends it, and packs a bundle without secrets": async (
    stage,
  ) => {
    const name = await pauseHost(stage, "lab");
    const file = path.join(stage.directory, "bundle.tar.gz");
    try {
      const { code, stdout } = await stage.metal("diagnose", "--json", "--bundle", file);
      const found: unknown = JSON.parse(stdout);
      assert.equal(code, 1);
      assert.equal(text(found, "first", "id"), "hosts/paused");
      assert.equal(text(found, "first", "who"), name);
      const all = execFileSync("tar", ["xzOf", file], { encoding: "utf8", maxBuffer: 256e6 });
      const secrets = (await stage.management.list(resources.Secret, stage.namespace)).items;
      for (const secret of secrets) {
        for (const [key, value] of Object.entries((field(secret, "data") ?? {}) as Record<string, string>)) {
          const plain = Buffer.from(value, "base64").toString("utf8").trim();
          if (plain.length >= 8 && key !== "format")
            assert.ok(!all.includes(plain), `the bundle holds a value of Secret ${secret.metadata.name}`);
        }
      }
    } finally {
      await pauseHost(stage, null);
    }
  },
};
