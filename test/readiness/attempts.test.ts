import assert from "node:assert/strict";
import type { KubernetesObject } from "../../model/kubernetes/object";
import * as o from "./objects";
import { looks, observe, readyBut } from "./situation";
import { login, registering } from "./registering";

const pool = { pool: "p" };

/** One look after the other; the ids of the causes at the end. */
const idsAfter = (...seen: readonly (readonly KubernetesObject[])[]) =>
  looks(
    o.clusterPlan,
    seen.map((objects, at) => ({ at, see: observe(objects) })),
  )
    .at(-1)
    ?.causes.map(({ id }) => id);

describe("attempts at a host", () => {
  const written = (minute: number, count = 1, message = "no suitable device was found") =>
    readyBut([
      o.host("cp1", {
        state: "provisioning",
        labels: pool,
        writing: `2026-11-23T10:0${minute}:00Z`,
        error: { type: "provisioning error", count, message },
      }),
    ]);
  const cleaned = readyBut([o.host("cp1", { state: "available", labels: pool, consumer: "m-cp1" })]);

  it("are counted by the write that failed, because the operator forgets its count when it has cleaned the host", () => {
    const start = readyBut([]);
    assert.deepEqual(idsAfter(start, written(1), cleaned, written(2), written(2)), []);
    assert.deepEqual(idsAfter(start, written(1), cleaned, written(2), cleaned, written(3)), [
      "hosts/provisioning-failed",
    ]);
  });

  it("are known while the host is cleaned between two of them, and forgotten once it has its image", () => {
    const three = [readyBut([]), written(1), cleaned, written(2), cleaned, written(3)] as const;
    assert.deepEqual(idsAfter(...three, cleaned), ["hosts/provisioning-failed"]);
    assert.deepEqual(idsAfter(...three, cleaned, readyBut([])), []);
  });

  it("name a wrong checksum after the first one, also while the host is cleaned and shows no error", () => {
    const wrong = written(1, 1, "Image failed to verify against checksum. location: http://h/i.qcow2");
    assert.deepEqual(idsAfter(readyBut([]), wrong), ["hosts/image-checksum-mismatch"]);
    assert.deepEqual(idsAfter(readyBut([]), wrong, cleaned), ["hosts/image-checksum-mismatch"]);
    assert.deepEqual(idsAfter(readyBut([]), wrong, cleaned, readyBut([])), []);
  });

  it("do not include the one that had failed before the first look", () => {
    assert.deepEqual(idsAfter(written(1), cleaned, written(2), cleaned, written(3)), []);
    assert.deepEqual(idsAfter(written(1), written(2), written(3), written(4)), ["hosts/provisioning-failed"]);
  });

  it("count once they were made since the first look, with the old login or with another one", () => {
    const before = readyBut([registering(5, "8"), login("8")]);
    assert.deepEqual(idsAfter(before, readyBut([registering(6, "8"), login("8")])), [
      "hosts/bmc-credentials-refused",
    ]);
    assert.deepEqual(idsAfter(before, readyBut([registering(5, "8"), login("9")])), []);
    assert.deepEqual(idsAfter(before, readyBut([registering(3, "9"), login("9")])), [
      "hosts/bmc-credentials-refused",
    ]);
  });
});
