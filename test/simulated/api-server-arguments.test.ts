import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { BootRefused } from "../../lab/simulated/boot/cloud-config";
import { readKubeadm } from "../../lab/simulated/boot/kubeadm";
import { apiServerArguments } from "../../lab/workload/arguments";

describe("arguments of the lab's API server", () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "arguments-"));

  const taken = (
    extraArgs: Readonly<Record<string, string>>,
    files: Readonly<Record<string, string>> = {},
    extraVolumes: readonly object[] = [{ hostPath: "/srv/audit", mountPath: "/etc/kubernetes/audit/" }],
  ) => {
    const apiServer = {
      extraArgs: Object.entries(extraArgs).map(([name, value]) => ({ name, value })),
      extraVolumes,
    };
    const documents = [{ kind: "ClusterConfiguration", apiServer }, { kind: "InitConfiguration" }];
    const kubeadm = documents.map((document) => JSON.stringify(document)).join("\n---\n");
    const all = { ...files, "/run/kubeadm/kubeadm.yaml": kubeadm };
    const config = { files: new Map(Object.entries(all)), commands: [] };
    return apiServerArguments(readKubeadm(config), directory);
  };

  it("are those of the stack that decide what it stores, logs and admits; the others are named", () => {
    const { argv, left } = taken({ "oidc-client-id": "me", "admission-control-config-file": "/a", v: "4" });
    assert.deepEqual(argv, ["--oidc-client-id=me"]);
    assert.deepEqual(left, ["admission-control-config-file", "v"]);
  });

  it("read files of the user data, at the place of the volume that mounts them", () => {
    const files = { "/srv/audit/policy.yaml": "kind: Policy" };
    const { argv } = taken({ "audit-policy-file": "/etc/kubernetes/audit/policy.yaml" }, files);
    const copy = path.join(directory, "srv/audit/policy.yaml");
    assert.deepEqual(argv, [`--audit-policy-file=${copy}`]);
    assert.equal(fs.readFileSync(copy, "utf8"), "kind: Policy");
    assert.equal(fs.statSync(copy).mode & 0o777, 0o600);
  });

  for (const [why, files, mounted] of [
    ["the user data lacks", {}, true],
    ["no volume mounts", { "/etc/kubernetes/audit/policy.yaml": "" }, false],
  ] as const) {
    it(`end the first boot with a file that ${why}`, () => {
      const args = { "audit-policy-file": "/etc/kubernetes/audit/policy.yaml" };
      assert.throws(() => taken(args, files, mounted ? undefined : []), BootRefused);
    });
  }

  for (const value of ["/var/log/audit.log", "/etc/kubernetes/audit/../../../../tmp/x", "../../x"]) {
    it(`write below the lab's folder: ${value}`, () => {
      const [argument = ""] = taken({ "audit-log-path": value }).argv;
      const place = argument.slice("--audit-log-path=".length);
      assert.equal(path.relative(directory, place).startsWith(".."), false, place);
      assert.ok(fs.existsSync(path.dirname(place)));
    });
  }
});
