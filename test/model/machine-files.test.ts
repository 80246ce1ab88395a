import assert from "node:assert";
import { field, list, text } from "../../model/kubernetes/object";
import { controlPlaneKubeadm, workerKubeadm } from "../../model/plan/manifests/kubeadm";
import { secretFilesOf } from "../../model/plan/manifests/machine-files";
import { planCluster } from "../../model/plan/plan-cluster";
import { type RawStack, stackWith, stackWithEverything } from "./stacks";

describe("secret files of machines", () => {
  it("are in Secrets of the management cluster, and never in the plain configuration", () => {
    const plan = planCluster(stackWithEverything());
    assert.deepStrictEqual(
      plan.cluster.secrets.map(({ manifest, secret }) => [
        manifest.metadata.name.replace(/-[0-9a-f]+$/, ""),
        secret,
      ]),
      [
        ["capi-1-machines-file", { content: "machines.secretFiles[0].secretContent" }],
        ["capi-1-control-plane-file", { content: "controlPlane.secretFiles[0].secretContent" }],
      ],
    );
    const objects = [...plan.cluster.templates.map(({ manifest }) => manifest), ...plan.cluster.objects];
    const files = objects.flatMap((object) => [
      ...list(object, "spec", "kubeadmConfigSpec", "files"),
      ...list(object, "spec", "template", "spec", "files"),
    ]);
    const fromSecrets = files.filter((file) => field(file, "contentFrom") !== undefined);
    assert.deepStrictEqual(
      fromSecrets
        .map((file) => [
          text(file, "path"),
          text(file, "permissions"),
          text(file, "contentFrom", "secret", "key"),
        ])
        .sort(),
      [
        ["/etc/containerd/login.toml", "0600", "content"],
        ["/etc/containerd/login.toml", "0600", "content"],
        ["/etc/kubernetes/encryption.yaml", "0600", "content"],
      ],
    );
    assert.ok(!JSON.stringify(plan).includes("throw-away"));
  });

  it("of a pool replace those of all machines with the same path", () => {
    const stack = stackWith((raw) => {
      raw["machines"] = { secretFiles: [{ path: "/etc/login.toml", secretContent: "throw-away" }] };
      const [workers] = raw["workers"] as RawStack[];
      raw["workers"] = [
        {
          ...workers,
          machines: { secretFiles: [{ path: "/etc/login.toml", secretContent: "throw-away-too" }] },
        },
      ];
    });
    assert.deepStrictEqual(
      secretFilesOf(stack, "workers").map(({ at }) => at),
      ["workers[0].machines.secretFiles[0].secretContent"],
    );
    assert.deepStrictEqual(
      secretFilesOf(stack, "control-plane").map(({ at }) => at),
      ["machines.secretFiles[0].secretContent"],
    );
  });
});

describe("the kubelet's configuration", () => {
  it("is a patch for kubeadm on every machine, and a pool's fields win", () => {
    const stack = stackWith((raw) => {
      raw["machines"] = { kubeletConfiguration: { maxPods: 200, seccompDefault: true } };
      const [workers] = raw["workers"] as RawStack[];
      raw["workers"] = [{ ...workers, machines: { kubeletConfiguration: { maxPods: 400 } } }];
    });
    const patchOf = (configuration: unknown) =>
      list(configuration, "files").find(
        (file) => text(file, "path") === "/etc/kubernetes/patches/kubeletconfiguration+merge.json",
      );
    const controlPlane = controlPlaneKubeadm(stack, true);
    const [pool] = stack.workers;
    assert.ok(pool);
    const workers = workerKubeadm(stack, pool);
    assert.deepStrictEqual(
      [controlPlane, workers].map((each) => JSON.parse(text(patchOf(each), "content") ?? "") as unknown),
      [
        { maxPods: 200, seccompDefault: true },
        { maxPods: 400, seccompDefault: true },
      ],
    );
    for (const part of ["initConfiguration", "joinConfiguration"])
      assert.strictEqual(text(controlPlane, part, "patches", "directory"), "/etc/kubernetes/patches");
    assert.strictEqual(text(workers, "joinConfiguration", "patches", "directory"), "/etc/kubernetes/patches");
    assert.strictEqual(
      field(controlPlaneKubeadm(stackWith(), true), "initConfiguration", "patches"),
      undefined,
    );
  });
});
