import { field, list, number, text } from "../../model/kubernetes/object";
import type { WaitOrder } from "../../model/plan/readiness";

/** An order that cannot be carried out; the message is for its author. */
class OrderError extends Error {}

/** Reads all of a stream, as text. */
export async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString("utf8");
}

/** The order in a JSON text. The plan comes from our own program, so only what would make us wait for nothing is checked. */
export function parseOrder(json: string): WaitOrder {
  const order = parseJson(json);
  const subject = text(order, "plan", "subject");
  const required: Record<string, readonly string[]> = {
    cluster: ["hosts", "workerPools", "workloads", "customResourceDefinitions"],
    "control-plane": ["hosts", "workerPools", "workloads", "customResourceDefinitions"],
    bgp: ["instances", "peerConfigs"],
    rollout: ["workloads"],
  };
  const lists = subject === undefined ? undefined : required[subject];
  if (lists === undefined) {
    throw new OrderError(
      `order: plan.subject ${quoted(subject)} is not known; write cluster, control-plane, bgp or rollout`,
    );
  }
  for (const path of [["plan", "cluster"], ["plan", "namespace"], ["eventsFile"]]) {
    if ((text(order, ...path) ?? "") === "") throw new OrderError(`order: ${path.join(".")} is missing`);
  }
  for (const name of lists) {
    if (!Array.isArray(field(order, "plan", name))) throw new OrderError(`order: plan.${name} is not a list`);
  }
  const seconds = subject === "rollout" ? ["timeoutSeconds"] : ["timeoutSeconds", "steadySeconds"];
  for (const name of seconds) {
    const value = number(order, "plan", name);
    if (value === undefined || !(value >= 0)) {
      throw new OrderError(
        `order: plan.${name} ${quoted(field(order, "plan", name))} is not a number of seconds`,
      );
    }
  }
  if (subject === "cluster" && list(order, "plan", "hosts").length === 0) {
    throw new OrderError("order: plan.hosts is empty, so there is nothing to wait for");
  }
  if (typeof field(order, "management") !== "object") throw new OrderError("order: management is missing");
  return order as WaitOrder;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The library's message quotes the text.
    throw new OrderError("order: standard input holds no JSON");
  }
}

function quoted(value: unknown): string {
  return value === undefined ? "(absent)" : JSON.stringify(value);
}
