import assert from "node:assert/strict";
import { kubeletSetting } from "../../model/checks/machines/kubelet";
import { findingsOfRaw } from "./fixtures";
import { type RawStack, rawCapi1, stackWith } from "./stacks";

/** The findings of capi-1 with a share of 60 pods for each node, and these settings of the kubelet. */
const findings = (machines: object) => {
  const raw: RawStack = { ...rawCapi1(), machines };
  raw["network"] = { ...(raw["network"] as object), podPrefixPerNode: { ipv4: 26 } };
  return findingsOfRaw(raw, "capi-1").map(({ id, fix }) => `${id}: ${fix}`);
};

describe("a setting of the kubelet with two spellings", () => {
  it("limits the pods of a node in both", () => {
    assert.deepEqual(findings({ kubeletArguments: { "max-pods": "60" } }), []);
    assert.deepEqual(findings({ kubeletConfiguration: { maxPods: 60 } }), []);
  });

  it("is named in its own spelling where it permits too many", () => {
    const [flag, field] = [
      findings({ kubeletArguments: { "max-pods": "61" } }),
      findings({ kubeletConfiguration: { maxPods: 61 } }),
    ];
    assert.deepEqual(flag, [
      'net/node-share-holds-pods: write 25, or machines.kubeletArguments.max-pods: "60"',
    ]);
    assert.deepEqual(field, [
      "net/node-share-holds-pods: write 25, or machines.kubeletConfiguration.maxPods: 60",
    ]);
  });

  it("is the flag's where both are given", () => {
    const { machines } = stackWith((raw) => {
      raw["machines"] = {
        kubeletArguments: { "pod-max-pids": "4096" },
        kubeletConfiguration: { podPidsLimit: 2048 },
      };
    });
    assert.deepEqual(kubeletSetting(machines, "podPidsLimit"), {
      key: "kubeletArguments.pod-max-pids",
      value: "4096",
    });
  });
});
