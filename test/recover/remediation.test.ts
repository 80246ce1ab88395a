import assert from "node:assert/strict";
import type { KubernetesObject } from "../../model/kubernetes/object";
import type { Machine } from "../../model/kubernetes/cluster-api";
import type { Metal3Remediation } from "../../model/kubernetes/metal3";
import { resources } from "../../model/kubernetes/resources";
import { isOrphaned, remediationFinalizer } from "../../model/live/recover/remediation";
import { removeOrphanedRemediations } from "../../ops/recover/remediations";
import { ApiError } from "../../ops/kubernetes/api";

const namespace = "capi-1";
const owner = { apiVersion: "cluster.x-k8s.io/v1beta2", kind: "Machine", name: "m", uid: "uid-m" };
const machine = (uid = "uid-m"): Machine => ({
  apiVersion: resources.Machine.apiVersion,
  kind: "Machine",
  metadata: { name: "m", namespace, uid },
});

function remediation(phase: string, metadata: object = {}): Metal3Remediation {
  return {
    apiVersion: resources.Metal3Remediation.apiVersion,
    kind: "Metal3Remediation",
    metadata: {
      name: "m",
      namespace,
      resourceVersion: "7",
      finalizers: [remediationFinalizer, "theirs"],
      ownerReferences: [owner],
      ...metadata,
    },
    status: { phase },
  };
}

const deleted = { deletionTimestamp: "2026-11-30T10:00:00Z" };

describe("a remediation", () => {
  it("is orphaned when its machine is gone, or when it was deleted in a phase that does nothing", () => {
    for (const [phase, metadata, machines, orphaned] of [
      ["Waiting", {}, [machine()], false],
      ["Waiting", deleted, [machine()], false],
      ["Deleting machine", {}, [machine()], false],
      ["Deleting machine", deleted, [machine()], true],
      ["Failed", deleted, [machine()], true],
      ["Running", {}, [], true],
      ["Running", {}, [machine("uid-of-another-m")], true],
      ["Running", { ownerReferences: [] }, [], false],
    ] as const) {
      const found = isOrphaned(remediation(phase, metadata), machines);
      assert.equal(found, orphaned, `${phase} ${JSON.stringify(metadata)} ${machines.length}`);
    }
  });

  const done: unknown[] = [];
  const api = (items: readonly KubernetesObject[], refuse: (attempt: number) => number | undefined) => {
    let attempt = 0;
    done.length = 0;
    return {
      list: (type: { kind: string }) =>
        Promise.resolve({ items: type.kind === "Machine" ? [] : [...items], resourceVersion: "1" }),
      mergePatch: (_type: unknown, name: string, _namespace: unknown, patch: unknown) => {
        attempt += 1;
        const status = refuse(attempt);
        if (status !== undefined) return Promise.reject(new ApiError(status, "", "no", undefined));
        done.push([name, patch]);
        return Promise.resolve(items[0] as KubernetesObject);
      },
      delete: (_type: unknown, name: string) => Promise.resolve(void done.push(["delete", name])),
    } as unknown as Parameters<typeof removeOrphanedRemediations>[0];
  };

  it("that is orphaned loses Metal3's finalizer alone, in the version that was judged, and is deleted", async () => {
    const removed = await removeOrphanedRemediations(
      api([remediation("Waiting")], (attempt) => (attempt === 1 ? 409 : undefined)),
      namespace,
      "capi-1",
    );
    assert.deepEqual(removed, ["m"]);
    assert.deepEqual(done, [
      ["m", { metadata: { resourceVersion: "7", finalizers: ["theirs"] } }],
      ["delete", "m"],
    ]);
  });

  it("that may not be touched is an error, and one that is gone is none", async () => {
    await assert.rejects(
      removeOrphanedRemediations(
        api([remediation("Waiting")], () => 403),
        namespace,
        "capi-1",
      ),
      (error: unknown) => error instanceof ApiError && error.status === 403,
    );
    assert.deepEqual(
      await removeOrphanedRemediations(
        api([remediation("Waiting")], () => 404),
        namespace,
        "capi-1",
      ),
      [],
    );
  });
});
