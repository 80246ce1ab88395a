import assert from "node:assert/strict";
import { planCluster } from "../../model/plan/plan-cluster";
import { readStack } from "../../model/stack/read-stack";
import { separateSecrets } from "../../model/stack/secrets";
import { findingsOfRaw } from "./fixtures";
import { type RawStack, rawCapi1 } from "./stacks";

const mark = "{{planted}}";
const sshKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGd6tqjeW0qDMa4dUQzLvnA0yN4y8mHPmNQ0lQ2mQb7V";
const users = [{ name: "ops", sshAuthorizedKeys: [sshKey, `${sshKey} ${mark}`] }];
const secretFile = (edit: RawStack) => [{ path: "/etc/a", secretContent: "a", ...edit }];

/** Every setting that is free text and gets into user data: a key of the stack file, its value, and the place of the finding. */
const settings: readonly (readonly [key: string, value: unknown, at: string])[] = [
  ["machines.users", users, "machines.users[0].sshAuthorizedKeys[1]"],
  ["controlPlane.users", users, "controlPlane.users[0].sshAuthorizedKeys[1]"],
  ["workers[0].machines", { users }, "workers[0].machines.users[0].sshAuthorizedKeys[1]"],
  ["machines.files", [{ path: `/etc/${mark}`, content: "a" }], "machines.files[0].path"],
  ["machines.files", [{ path: "/etc/a", content: mark }], "machines.files[0].content"],
  ["machines.files", [{ path: "/etc/a", content: "a", owner: mark }], "machines.files[0].owner"],
  ["machines.secretFiles", secretFile({ path: `/etc/${mark}` }), "machines.secretFiles[0].path"],
  ["machines.secretFiles", secretFile({ owner: mark }), "machines.secretFiles[0].owner"],
  ["controlPlane.secretFiles", secretFile({ owner: mark }), "controlPlane.secretFiles[0].owner"],
  [
    "workers[0].machines",
    { secretFiles: secretFile({ path: `/etc/${mark}` }) },
    "workers[0].machines.secretFiles[0].path",
  ],
  ["machines.preKubeadmCommands", [mark], "machines.preKubeadmCommands[0]"],
  ["workers[0].machines", { postKubeadmCommands: [mark] }, "workers[0].machines.postKubeadmCommands[0]"],
  ["machines.kubeletArguments", { "log-file": mark }, "machines.kubeletArguments.log-file"],
  ["machines.kubeletConfiguration", { clusterDomain: mark }, "machines.kubeletConfiguration.clusterDomain"],
  ["machines.registryMirrors", { "quay.io": [`https://m/${mark}`] }, "machines.registryMirrors.quay.io[0]"],
  ["machines.proxy", { http: `http://p/${mark}` }, "machines.proxy.http"],
  ["machines.proxy", { http: "http://p:1", noProxy: [mark] }, "machines.proxy.noProxy[0]"],
  ["kubernetes.featureGates", { [mark]: true }, `kubernetes.featureGates.${mark}`],
  ["kubernetes.certificateNames", [mark], "kubernetes.certificateNames[0]"],
  ["kubernetes.imageRepository", `a/${mark}`, "kubernetes.imageRepository"],
  ["kubernetes.endpoint.kubeVipImage", `a/${mark}`, "kubernetes.endpoint.kubeVipImage"],
  ["kubernetes.endpoint.interface", mark, "kubernetes.endpoint.interface"],
  [
    "kubernetes.apiServer",
    { extraArgs: { "audit-log-path": mark } },
    "kubernetes.apiServer.extraArgs.audit-log-path",
  ],
  ["kubernetes.etcd", { extraArgs: { [mark]: "a" } }, `kubernetes.etcd.extraArgs.${mark}`],
  [
    "kubernetes.scheduler",
    { extraVolumes: [{ name: "a", hostPath: `/a/${mark}`, mountPath: "/a" }] },
    "kubernetes.scheduler.extraVolumes[0].hostPath",
  ],
  [
    "kubernetes.apiServer",
    { extraVolumes: [{ name: "a", hostPath: "/a", mountPath: `/${mark}` }] },
    "kubernetes.apiServer.extraVolumes[0].mountPath",
  ],
  ["kubernetes.patches", [{ target: "etcd", patch: { a: mark } }], "kubernetes.patches[0].patch"],
];

function stackWithSetting(key: string, value: unknown): RawStack {
  const raw = rawCapi1();
  const steps = key.split(/[.[\]]+/).filter((step) => step !== "");
  const last = steps.pop() ?? "";
  const holder = steps.reduce<RawStack>((at, step) => (at[step] ??= {}) as RawStack, raw);
  holder[last] = value;
  return raw;
}

describe("texts in the user data of machines", () => {
  for (const [key, value, at] of settings)
    it(`with a template expression are refused: ${at}`, () => {
      const raw = stackWithSetting(key, value);
      const { stack } = readStack(separateSecrets(raw).raw, "capi-1");
      // What the schema refuses reaches no machine.
      if (stack !== undefined)
        assert.ok(JSON.stringify(planCluster(stack).cluster).includes(mark), "no machine has the text");
      const errors = findingsOfRaw(raw, "capi-1").filter(({ severity }) => severity === "error");
      const expected = stack === undefined ? "config/value-accepted" : "machines/templates-escaped";
      const found = errors.filter((each) => each.id === expected);
      assert.deepEqual(
        found.map((each) => each.at),
        [at],
        JSON.stringify(errors),
      );
    });

  it("of secret files may hold no expression either: any of the three", () => {
    for (const secretContent of ["a{{b", "a{%b", 'pw = "ab{#cd"'])
      assert.deepEqual(
        findingsOfRaw(stackWithSetting("machines.secretFiles", secretFile({ secretContent })), "capi-1").map(
          ({ id }) => id,
        ),
        ["machines/secret-files-literal"],
        secretContent,
      );
  });

  it("hold no private key in clear", () => {
    const key = "-----BEGIN EC PRIVATE KEY-----\nthrow-away\n-----END EC PRIVATE KEY-----\n";
    for (const [setting, value, at] of [
      ["machines.files", [{ path: "/etc/a", content: key }], "machines.files[0].content"],
      [
        "workers[0].machines",
        { preKubeadmCommands: [`echo "${key}"`] },
        "workers[0].machines.preKubeadmCommands[0]",
      ],
      ["kubernetes.patches", [{ target: "etcd", patch: { a: key } }], "kubernetes.patches[0].patch"],
    ] as const)
      assert.deepEqual(
        findingsOfRaw(stackWithSetting(setting, value), "capi-1").map((each) => `${each.id} ${each.at}`),
        [`machines/private-keys-secret ${at}`],
      );
  });
});
