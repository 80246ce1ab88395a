import fs from "node:fs";
import path from "node:path";
import type { CiliumRender } from "../../model/cilium/manifest";
import { readRender } from "../../model/cilium/proofs";
import type { CiliumPlan } from "../../model/plan/plan";
import { planCluster } from "../../model/plan/plan-cluster";
import { stackWith } from "../model/stacks";

const folder = path.join(__dirname, "../fixtures/renders");

/** A real render of capi-1, recorded by `npm run charts`, and the plan that it was rendered for. */
export interface RecordedRender {
  readonly version: string;
  readonly text: string;
  readonly plan: CiliumPlan;
  readonly render: CiliumRender;
}

/** The recorded renders, the oldest version first. Each is parsed once; tests copy what they change. */
export const recorded: readonly RecordedRender[] = fs
  .readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .sort()
  .map((file) => {
    const version = file.replace(/\.yaml$/, "");
    const text = fs.readFileSync(path.join(folder, file), "utf8");
    const stack = stackWith((raw) => (raw["cilium"] = { ...(raw["cilium"] as object), version }));
    const plan = planCluster(stack).cilium;
    return { version, text, plan, render: readRender(text, plan).render };
  });
