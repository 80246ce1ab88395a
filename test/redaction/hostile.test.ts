import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { diagnose, nextCommand, diagnosisLines } from "../../model/live/diagnosis/diagnose";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { livePlan } from "../../model/live/readiness/assess";
import { type Reading, type Snapshot, inManagement } from "../../model/live/snapshot";
import type { WaitOrder } from "../../model/plan/readiness";
import { look, noMemory } from "../../model/live/readiness/tracker";
import { decideHost } from "../../model/live/recover/host";
import { decideMachine } from "../../model/live/recover/machine";
import { statusLines } from "../../model/live/status/lines";
import { said, statusChanges, statusTree } from "../../model/live/status/tree";
import { RecoveryReport } from "../../ops/commands/recover-action";
import { styleOf } from "../../ops/commands/status-action";
import { type Terminal, terminalOf } from "../../ops/commands/terminal";
import { Output } from "../../ops/wait/output";
import { tellCauses, tellTimeout } from "../../ops/wait/report";
import { at, plan } from "../live/healthy";
import { planOf, situations, snapshotWith } from "../live/situation";
import { metal } from "../ops/command-line";
import { FakeClusters } from "../wait/fake-clusters";
import { clusterExits } from "./cluster-exits";
import { plantedProject } from "./planted-fleet";
import { printed } from "./printed";

const hostile =
  "x\u001b[35m\u001b]0;t\u0007\u009b2J\r\n::error file=x::INJ\r::stop-commands::t\n##[error]x \u202eb\u2066\u200b\ufeff\u2028c";
/** What a terminal or a runner acts on, apart from the colours that the command itself adds. */
const acts =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|^[ \t]*::[A-Za-z-]+[^\n]*::|##\[/m;

/** Fields that say which object it is, or in which state: whoever writes others leaves these as they are. */
const structure = new Set(
  ["apiVersion", "kind", "name", "namespace", "uid", "type", "status", "state", "host", "phase"].concat(
    ["operationalStatus", "provisioningState", "lastTransitionTime", "creationTimestamp", "providerID"],
    ["clusterName", "nodeName", "version", "machine", "hosts", "cluster"],
  ),
);

function hostileIn(value: unknown, everything: boolean, key = ""): unknown {
  if (typeof value === "string") return everything || !structure.has(key) ? `${value}${hostile}` : value;
  if (Array.isArray(value)) return value.map((item) => hostileIn(item, everything, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, hostileIn(inner, everything, name)]),
  );
}

/** The same snapshot with hostile texts in its objects, and in the reasons of what could not be read. */
function hostileSnapshot(snapshot: Snapshot, everything: boolean): Snapshot {
  const parts = (readings: Readonly<Record<string, Reading>>) =>
    Object.fromEntries(
      Object.entries(readings).map(([part, reading]) => [
        part,
        {
          ...reading,
          ...(reading.unread === undefined ? {} : { unread: hostileIn(reading.unread, true) }),
          ...(reading.objects === undefined
            ? {}
            : { objects: hostileIn(reading.objects, everything) as readonly KubernetesObject[] }),
        },
      ]),
    );
  const { management, workload } = snapshot;
  const why = ({ trouble }: Snapshot["management"] | Snapshot["workload"]) =>
    trouble === undefined ? {} : { trouble: { ...trouble, message: `${trouble.message}${hostile}` } };
  return {
    ...snapshot,
    management: { ...management, ...why(management), parts: parts(management.parts) },
    workload: { ...workload, ...why(workload), parts: parts(workload.parts) },
  } as Snapshot;
}

/** What status, diagnose, recover and the wait make of a snapshot, as they print it on a terminal or elsewhere. */
async function everyOutput(snapshot: Snapshot, given: typeof plan, interactive: boolean): Promise<string> {
  const show = (terminal: Terminal) => {
    const tree = statusTree(plan, snapshot, at);
    terminal.out(statusLines(tree, at, styleOf(terminal)).join("\n"));
    if (terminal.interactive)
      terminal.redraw(1, statusLines(tree, at, { ...styleOf(terminal), width: 60 }).join("\n"));
    for (const { path, text } of statusChanges(new Map(), said(tree))) terminal.out(`${path}  ${text}`);
    jsonOf(terminal, tree);
    const found = diagnose(given, snapshot, at);
    terminal.out(diagnosisLines(found, terminal.paint).join("\n"));
    jsonOf(terminal, found);
    recoveries(terminal, snapshot);
  };
  // eslint-disable-next-line no-control-regex
  const own = /\u001b\[1A\r\u001b\[J|\u001b\[(?:0|1|2|22|3[1-3]|39)m/g;
  return (await printed(show, { interactive })).replace(own, "") + (await waitOutput(snapshot));
}

/** JSON of it has to be JSON. */
function jsonOf(terminal: Terminal, value: unknown): void {
  let text = "";
  const { env, directory, now } = terminal;
  const streams = { out: (more: string) => (text += more), err: () => undefined };
  const surroundings = { ...streams, env, directory, now, interactive: false, colours: false };
  terminalOf(surroundings, () => undefined).json(value, 2);
  assert.doesNotMatch(text, acts);
  assert.ok(JSON.parse(text));
}

function recoveries(terminal: Terminal, snapshot: Snapshot): void {
  for (const json of [false, true]) {
    const report = new RecoveryReport(terminal, plan, json);
    const hosts = inManagement(snapshot, "hosts").map(({ metadata }) => metadata.name);
    const machines = inManagement(snapshot, "machines").map(({ metadata }) => metadata.name);
    for (const decision of [
      ...hosts.map((name) => decideHost(name, { plan, snapshot })),
      ...machines.map((name) => decideMachine(name, { plan, snapshot }, false)),
    ]) {
      if (decision.step === "refuse") report.refused(decision.why);
      if (decision.step === "follow") report.event({ at, host: "a", phase: "recover", text: decision.words });
    }
  }
}

async function waitOutput(snapshot: Snapshot): Promise<string> {
  const stream = new PassThrough();
  let text = "";
  stream.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
  const readiness = { ...livePlan(plan, snapshot), workloads: [] };
  const order = { plan: readiness, eventsFile: "/dev/null" } as unknown as WaitOrder;
  const output = new Output(order, at, stream);
  const first = look(readiness, snapshot, noMemory, at, 0);
  const { events, causes, missing } = look(readiness, snapshot, first.memory, at + 1, 0);
  for (const event of [...first.events, ...events]) output.tell(event);
  tellCauses(output, causes, at);
  tellTimeout(output, readiness, missing, at);
  await new Promise((resolve) => setImmediate(resolve));
  return text;
}

describe("nothing that a cluster reports acts on a terminal or on a runner", () => {
  for (const situation of situations()) {
    it(situation.title, async () => {
      for (const everything of [false, true]) {
        const output = await everyOutput(
          hostileSnapshot(snapshotWith(situation), everything),
          planOf(situation) as typeof plan,
          !everything,
        );
        const [found] = acts.exec(output) ?? [];
        const near = output.search(acts);
        assert.equal(found, undefined, JSON.stringify(output.slice(Math.max(0, near - 200), near + 40)));
      }
    });
  }

  it("a name in a command that is to be copied is one word of a shell", () => {
    const command = nextCommand("Machine/a$(touch b)'c", { ...plan.readiness, workloads: [] });
    assert.ok(command.endsWith(` 'a$(touch b)'\\''c'`), command);
  });

  describe("by whole command lines", () => {
    const clusters = FakeClusters.forEachTest();
    for (const [name, { show }] of Object.entries(clusterExits(clusters))) {
      it(name, async () => {
        const output = await show(Array.from({ length: 12 }, (_, i) => `seen-${i}-${hostile}`));
        const own = name.includes("github") ? output.replace(/^::(?:error|warning) /gm, "") : output;
        const near = own.search(acts);
        assert.equal(near, -1, JSON.stringify(own.slice(Math.max(0, near - 200), near + 40)));
        assert.ok(output.includes("seen-"), output);
        if (name.includes("--json")) assert.ok(JSON.parse(output.slice(output.indexOf("{"))));
      }).timeout(20_000);
    }

    it("an API server that refuses with such a message", async () => {
      const directory = plantedProject(clusters, ["a"]);
      clusters.management.refuse = 500;
      clusters.management.refusal = hostile;
      for (const argv of [
        ["status"],
        ["diagnose"],
        ["verify"],
        ["preflight"],
        ["kubeconfig"],
        ["destroy-plan"],
      ]) {
        const { out, err } = await metal(directory, argv, { PATH: "/usr/bin:/bin" });
        assert.doesNotMatch(out + err, acts, argv.join(" "));
      }
    });
  });
});
