import { renderCall } from "../../model/cilium/cli";
import type { CiliumPlan } from "../../model/plan/plan";
import { runCli } from "../../ops/cilium/render";

/** Renders with the Cilium CLI of PATH, for tests that end this process while it runs. */
void runCli(
  renderCall({ version: "1.19.5", values: {} } as unknown as CiliumPlan, () => undefined),
  process.cwd(),
  process.env,
);
