import assert from "node:assert/strict";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { contestedFields } from "../../model/live/preflight/contested-fields";
import { judgeFieldManagers } from "../../model/live/preflight/objects";

const object = (spec: unknown, managedFields: readonly object[] = []): KubernetesObject => ({
  apiVersion: "cluster.x-k8s.io/v1beta2",
  kind: "MachineDeployment",
  metadata: { name: "md", managedFields } as KubernetesObject["metadata"],
  spec,
});
const by = (manager: string, fieldsV1: object, entry: object = {}) => ({
  manager,
  operation: "Apply",
  fieldsV1,
  ...entry,
});
const paths = (planned: unknown, live: unknown, ...managed: readonly object[]) =>
  contestedFields(object(planned), object(live, managed)).map(({ path, manager }) => `${manager} ${path}`);

describe("fields that another manager holds", () => {
  it("are contested when their value differs from ours", () => {
    const fields = { "f:spec": { ".": {}, "f:replicas": {} } };
    assert.deepEqual(paths({ replicas: 3 }, { replicas: 5 }, by("scaler", fields)), ["scaler spec.replicas"]);
    assert.deepEqual(paths({ replicas: 3 }, { replicas: 3 }, by("scaler", fields)), []);
    assert.deepEqual(paths({ paused: true }, { replicas: 5 }, by("scaler", fields)), []);
  });

  it("are found inside keyed lists, by key", () => {
    const key = 'k:{"name":"v"}';
    const fields = { "f:spec": { "f:args": { [key]: { ".": {}, "f:name": {}, "f:value": {} } } } };
    const args = (value: string) => ({
      args: [
        { name: "a", value: "1" },
        { name: "v", value },
      ],
    });
    assert.deepEqual(paths(args("2"), args("4"), by("other", fields)), ['other spec.args.["v"].value']);
    assert.deepEqual(paths(args("4"), args("4"), by("other", fields)), []);
    assert.deepEqual(paths({ args: [{ name: "a", value: "1" }] }, args("4"), by("other", fields)), []);
  });

  it("are compared whole where a list or an object is one value", () => {
    const fields = { "f:spec": { "f:blocks": {} } };
    assert.deepEqual(paths({ blocks: ["a", "b"] }, { blocks: ["b", "a"] }, by("x", fields)), [
      "x spec.blocks",
    ]);
    assert.deepEqual(paths({ blocks: [{ a: 1, b: 2 }] }, { blocks: [{ b: 2, a: 1 }] }, by("x", fields)), []);
  });

  it("do not count when the provider takes them over, or when they are a status", () => {
    const fields = { "f:spec": { "f:replicas": {} } };
    const contest = (manager: string, entry: object) =>
      paths({ replicas: 3 }, { replicas: 5 }, by(manager, fields, entry)).length;
    assert.equal(contest("pulumi-kubernetes-d69795ee", {}), 0);
    assert.equal(contest("pulumi-kubernetes", { operation: "Update" }), 0);
    assert.equal(contest("kubectl-edit", { operation: "Update" }), 0);
    assert.equal(contest("manager", { operation: "Update", subresource: "status" }), 0);
    assert.equal(contest("kubectl", { operation: "Apply" }), 1);
    // The provider takes nothing over that was written through the scale subresource.
    assert.equal(contest("cluster-autoscaler", { operation: "Update", subresource: "scale" }), 1);
    assert.equal(contest("kubectl", { operation: "Update", subresource: "scale" }), 1);
  });

  it("name the machines that go, and the number that runs first, where another has set how many there are", () => {
    const judge = (planned: number, live: number) => {
      const fields = { "f:spec": { "f:replicas": {} } };
      const entry = by("cluster-autoscaler", fields, { operation: "Update", subresource: "scale" });
      const objects = [{ planned: object({ replicas: planned }), live: object({ replicas: live }, [entry]) }];
      return judgeFieldManagers(objects, () => []).problems.map(({ fix }) => fix);
    };
    const [down = ""] = judge(1, 3);
    assert.match(
      down,
      /^write 3 machines for it into the stack file first, so that none goes\. To go down to 1, /,
    );
    assert.match(
      down,
      /"replicas":1\}\}'\. This command at once removes 2 machines and wipes what is on their disks$/,
    );
    const [up = ""] = judge(3, 1);
    assert.match(
      up,
      /"replicas":3\}\}'\. This command adds 2 machines; or write 1 machine for it into the stack file$/,
    );
    assert.deepEqual(judge(3, 3), []);
  });

  it("are left out where we leave the field to others", () => {
    const live = object({ online: false }, [by("capm3", { "f:spec": { "f:online": {} } })]);
    assert.deepEqual(contestedFields(object({ online: true }), live, ["spec.online"]), []);
    assert.equal(contestedFields(object({ online: true }), live).length, 1);
  });
});
