import assert from "node:assert/strict";
import path from "node:path";
import { createInterface } from "node:readline";
import { spawn } from "node:child_process";
import { insideCommand } from "../../../lab/namespace/enter";
import { type KernelFeature, missingForAgents, missingKernelFeatures } from "../../../lab/nodes/requirements";
import { ciliumOf, agentCases, type AgentCase } from "../../fixtures/agent-settings";
import type { Tried } from "./try-settings";

const missing = missingForAgents();
if (missing.length > 0) throw new Error(`agents cannot run here; missing:\n  ${missing.join("\n  ")}`);
const absent = missingKernelFeatures();

/** Parts of the kernel that a case needs: without one the agent would end for that, and not for its settings. */
function needsOf(each: AgentCase): readonly KernelFeature[] {
  const text = JSON.stringify(ciliumOf(each));
  const tunnel = each.routingMode === "tunnel";
  return [
    ...(tunnel && each.tunnelProtocol !== "geneve" ? (["vxlan"] as const) : []),
    ...(each.tunnelProtocol === "geneve" || text.includes('"geneve"') ? (["geneve"] as const) : []),
    ...(text.includes('"wireguard"') ? (["wireguard"] as const) : []),
    ...(text.includes('"ipip"') ? (["ipip"] as const) : []),
    ...(text.includes('"netkit') ? (["netkit"] as const) : []),
    ...(text.includes('"bandwidthManager"') ? (["default_qdisc"] as const) : []),
  ];
}

/** Runs cases of one minor in a network namespace, and resolves each as its line arrives. */
function tryAll(minor: string, names: readonly string[]): ReadonlyMap<string, Promise<Tried>> {
  const found = new Map<string, (outcome: Tried) => void>();
  const outcomes = new Map(
    names.map((name) => [name, new Promise<Tried>((resolve) => found.set(name, resolve))] as const),
  );
  const argv = ["--import", "tsx", path.join(__dirname, "try-settings.ts"), minor, ...names];
  const [command = "", ...args] = insideCommand(argv);
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { name, outcome } = JSON.parse(line) as { readonly name: string; readonly outcome: Tried };
    found.get(name)?.(outcome);
    found.delete(name);
  });
  child.once("close", (code) => {
    for (const resolve of found.values())
      resolve({ kind: "chart", lastWords: [`the program of the trials ended with ${code ?? "a signal"}`] });
  });
  return outcomes;
}

const described = (outcome: Tried) => JSON.stringify(outcome, undefined, 2);

/** Each combination that the rules judge, on an agent of its minor (`npm run test:agents`, about ten minutes a minor). */
for (const minor of (process.env["METAL_MINORS"] ?? "1.18 1.19 1.20").split(" ")) {
  const all = Object.entries(agentCases).filter(([, each]) => (each.minor ?? "1.19") === minor);
  const lackOf = (each: AgentCase) => needsOf(each).filter((need) => absent.has(need));
  const possible = all.filter(([, each]) => lackOf(each).length === 0);

  describe(`settings tried on a real agent of Cilium ${minor}`, function () {
    this.timeout(40 * 60_000);
    let outcomes: ReadonlyMap<string, Promise<Tried>>;
    before(
      () =>
        (outcomes = tryAll(
          minor,
          possible.map(([name]) => name),
        )),
    );

    for (const [name, each] of all) {
      const lacks = lackOf(each);
      if (lacks.length > 0) {
        it.skip(`${name}: not tried, this kernel has no ${lacks.join(", ")}`);
        continue;
      }
      const starts = each.refused.length === 0 || each.starts === true;
      it(`${starts ? "starts" : "refuses"}: ${name}`, async () => {
        const outcome = await outcomes.get(name);
        assert.ok(outcome);
        if (starts) assert.equal(outcome.kind, "runs", described(outcome));
        else assert.notEqual(outcome.kind, "runs", described(outcome));
      });
    }
  });
}
