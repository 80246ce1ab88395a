import assert from "node:assert/strict";
import type { World } from "../verify/healthy";

/** Breaks a machine of capi-1: its node stops answering. */
export function stuck({ workload }: World, i: number): void {
  const node = workload.nodes[i] ?? assert.fail();
  node.status["conditions"] = [
    { type: "Ready", status: "Unknown", message: "the kubelet stopped posting status" },
  ];
}
