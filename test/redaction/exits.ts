import fs from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import zlib from "node:zlib";
import { compareSides } from "../../model/change/compare";
import { words } from "../../model/change/formatted-text";
import { cliProblem } from "../../model/cilium/cli";
import { verdictOf, verdictText, judged, withUnknowns } from "../../model/live/preflight/check-result";
import type { WaitOrder } from "../../model/plan/readiness";
import { decideHost } from "../../model/live/recover/host";
import { judgeSame } from "../../model/live/verify/objects";
import { bundleOf } from "../../ops/bundle/bundle";
import { composed } from "../../ops/commands/comment-action";
import { printChange } from "../../ops/commands/diff-action";
import { printGate } from "../../ops/commands/gate-action";
import { RecoveryReport } from "../../ops/commands/recover-action";
import { runCilium } from "../../ops/cilium/cli";
import { StackClusters } from "../../ops/live/clusters";
import { parseKubeconfig, resolveKubeconfig } from "../../ops/kubernetes/kubeconfig";
import { defectText } from "../../ops/exit-codes";
import { Output } from "../../ops/wait/output";
import { tellCauses, tellTimeout } from "../../ops/wait/report";
import { Narrator } from "../../lab/rehearsal/report";
import { side } from "../change/sides";
import { at, plan } from "../live/settled";
import { snapshotWith } from "../live/situation";
import { stackWith } from "../model/stacks";
import { exampleText, metal, projectWith } from "../ops/command-line";
import { commandOnPath } from "../ops/stub-command";
import { importExit } from "./import-exit";
import { planted } from "./spellings";
import { printed } from "./printed";

/** A way by which text from elsewhere leaves the project. */
export interface Exit {
  /** The commands that use it, `bgp verify`; empty for programs that are none. */
  readonly commands: readonly string[];
  /** Everything that is printed, written or uploaded where somebody else says these texts. */
  show(texts: readonly string[]): Promise<string>;
  /** Whether each of the texts shows up, or only some of them; never none, or the row could not fail. */
  readonly shows: "each" | "some";
}

const formats = ["pretty", "short", "json", "github"] as const;
const finding = (text: string) => ({ at: "a", problem: text, fix: text });

/** Exits that take thousands of texts: what they print is made in this process, from what was read. */
export const fastExits: Readonly<Record<string, Exit>> = {
  ...Object.fromEntries(
    formats.flatMap((format): readonly (readonly [string, Exit])[] => [
      [
        `check --format ${format}: refused values`,
        {
          commands: ["check"],
          shows: format === "github" ? "some" : "each",
          show: (texts) =>
            checked(format, `dns: [\n      ${texts.map((text) => JSON.stringify(text)).join(",\n      ")}]`),
        },
      ],
      [
        `check --format ${format}: unknown keys`,
        {
          commands: ["check"],
          shows: "some",
          show: (texts) =>
            checked(
              format,
              texts.map((text) => `${JSON.stringify(text.slice(0, 1000))}: 1`).join(",\n      "),
            ),
        },
      ],
    ]),
  ),
  ...Object.fromEntries(
    (["terminal", "markdown", "json"] as const).flatMap((format): readonly (readonly [string, Exit])[] => [
      [
        `diff --format ${format}`,
        {
          commands: ["diff"],
          shows: "each",
          show: (texts) => printed((terminal) => printChange(terminal, { format }, changeWith(texts))),
        },
      ],
      [
        `gate --format ${format}`,
        {
          commands: ["gate"],
          shows: "each",
          show: (texts) => printed((terminal) => printGate(terminal, { format }, gateWith(texts), false)),
        },
      ],
    ]),
  ),
  comment: {
    commands: ["comment"],
    shows: "each",
    show: async (texts) => {
      const body = texts.map((text) => `${text}\n\nend\n`).join("\n");
      const directory = projectWith({ "Pulumi.a.yaml": exampleText, "body.md": body, "fold.txt": body });
      const options = { stack: "a", body: "body.md", fold: [{ title: "t", file: "fold.txt" }] };
      return printed((terminal) => terminal.document(composed(terminal, options).text), { directory });
    },
  },
  scrub: {
    commands: ["scrub"],
    shows: "each",
    show: async (texts) => {
      const directory = projectWith({ "a.txt": texts.map((text) => `${text}\n\nend\n`).join("\n") });
      const { out, err } = await metal(directory, ["scrub", "a.txt"]);
      return out + err + fs.readFileSync(path.join(directory, "a.txt"), "utf8");
    },
  },
  "diagnose --bundle": { commands: ["diagnose"], shows: "each", show: bundled },
  import: importExit,
  "recover host": {
    commands: ["recover host"],
    shows: "each",
    show: (texts) =>
      printed((terminal) => {
        for (const text of texts)
          for (const json of [false, true]) {
            const decision = decideHost("capi-1-w-1", { plan, snapshot: brokenHost(text) });
            if (decision.step !== "refuse") throw new Error(decision.step);
            new RecoveryReport(terminal, plan, json).refused(decision.why);
          }
      }),
  },
  "recover machine, its steps": {
    commands: ["recover machine"],
    shows: "each",
    show: (texts) =>
      printed((terminal) => {
        for (const json of [false, true]) {
          const report = new RecoveryReport(terminal, plan, json);
          for (const text of texts) report.event({ at, host: "a", phase: "recover", text });
        }
      }),
  },
  "a wait's log and its events file": { commands: [], shows: "each", show: waited },
  "verdicts of preflight, verify and gitops": {
    commands: ["preflight", "verify", "gitops"],
    shows: "each",
    show: (texts) =>
      printed((terminal) => {
        for (const text of texts) {
          const check = { id: "area/rule", why: "why" };
          const all = [
            withUnknowns(judged(text, [finding(text)]), [text]),
            judged(text),
            { ...judged(""), notApplicable: text },
          ].map((result) => verdictOf(check, result));
          terminal.out(all.map(verdictText).join("\n"));
          terminal.json(all);
        }
      }),
  },
  "differences that verify and gitops find": {
    commands: ["verify", "gitops"],
    shows: "some",
    show: (texts) =>
      printed((terminal) => {
        for (const text of texts) {
          const object = (value: string) => ({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "a" },
            data: { said: value },
          });
          const result = judgeSame([{ planned: object("a"), live: object(text) }], "fix");
          terminal.out(verdictText(verdictOf({ id: "area/rule", why: "" }, result)));
        }
      }),
  },
  "what the Cilium CLI refuses a render with": {
    commands: ["render", "preflight", "verify", "gitops", "diff"],
    shows: "some",
    show: (texts) =>
      printed((terminal) => {
        for (const text of texts) terminal.err(`error: ${cliProblem(plan.cilium, text)}\n`);
      }),
  },
  "router --against": {
    commands: ["router"],
    shows: "some",
    show: async (texts) => {
      const lines = ofOneLine(texts).flatMap((text, i) => [
        ` neighbor 10.250.250.${20 + (i % 4)} description ${text}`,
        ` neighbor 10.250.250.${20 + (i % 4)} password ${planted}${i}`,
      ]);
      const running = ["frr version 8.4", "router bgp 65001", ...lines, "exit", ""].join("\n");
      const directory = projectWith({ "Pulumi.a.yaml": exampleText, "running.conf": running });
      const place = path.join(directory, "running.conf");
      const { out, err } = await metal(directory, ["router", "--against", place]);
      return out + err;
    },
  },
  "a router command that fails": {
    commands: ["bgp verify"],
    shows: "some",
    show: async (texts) => {
      const directory = projectWith({ "Pulumi.a.yaml": exampleText });
      const said = path.join(directory, "said.txt");
      const argv = ["bgp", "verify", "--router-command", `cat ${said} >&2; exit 1`];
      let all = "";
      // Its last line is what is shown.
      for (const line of ofOneLine(texts).filter((_line, i) => i % 6 === 0)) {
        fs.writeFileSync(said, line);
        const { out, err } = await metal(directory, argv, process.env);
        all += out + err;
      }
      return all;
    },
  },
  "names in a kubeconfig": {
    commands: ["status", "kubeconfig", "detach", "destroy-plan"],
    shows: "each",
    show: (texts) =>
      printed((terminal) => {
        const directory = projectWith({});
        for (const text of texts) {
          fs.writeFileSync(path.join(directory, "k"), JSON.stringify({ contexts: [{ name: text }] }));
          try {
            resolveKubeconfig({ context: "a", kubeconfig: "k" }, directory);
          } catch (error) {
            terminal.err(`error: ${(error as Error).message}\n`);
          }
        }
      }),
  },
  "a kubeconfig that is no YAML": {
    commands: [],
    shows: "some",
    show: (texts) =>
      printed((terminal) => {
        for (const text of texts) {
          try {
            parseKubeconfig(`users:\n- "${text}`, text.split("\n")[0] ?? "");
          } catch (error) {
            terminal.err(`error: ${(error as Error).message}\n`);
          }
        }
      }),
  },
  "a defect of the command line": {
    commands: [],
    shows: "each",
    show: (texts) => Promise.resolve(texts.map((text) => defectText(new Error(text))).join("")),
  },
  "the lab's log": {
    commands: [],
    shows: "each",
    show: (texts) => {
      const lines: string[] = [];
      const narrator = new Narrator((line) => lines.push(line), false);
      for (const text of texts) {
        narrator.relay(text);
        narrator.fails(text);
        narrator.holds(text);
        narrator.block([text]);
      }
      return Promise.resolve(lines.join("\n"));
    },
  },
  "the Cilium CLI's own output": {
    commands: ["sysdump", "verify"],
    shows: "each",
    show: async (texts) => {
      const directory = projectWith({ "said.txt": texts.map((text) => `${text}\n\nend\n`).join("\n") });
      // In pieces that end anywhere.
      const env = commandOnPath("cilium", "dd if=said.txt bs=997 2>/dev/null; cat said.txt >&2; exit 1");
      return printed(
        async ({ env: own, directory: here, err }) => {
          await runCilium(["x"], "{}", { env: own, directory: here, err });
        },
        { directory, env },
      );
    },
  },
};

/** Commands that print nothing of what a cluster, a tool or another's file says: what they print is checked all the same. */
export const plainCommands: Readonly<Record<string, readonly string[]>> = {
  explain: ["explain"],
  schema: ["schema"],
  rbac: ["rbac", "--stack", "a"],
  router: ["router", "--stack", "a"],
  fleet: ["fleet"],
  affected: ["affected", "--all"],
  new: ["new", "b", "--like", "a"],
};

/** The texts that have one line, with their mark in front; of a value with blanks nothing ends it there. */
function ofOneLine(texts: readonly string[]): readonly string[] {
  return texts
    .map((text) => text.replace(/\nend$/, ""))
    .filter((text) => text.split("\n").length === 2 && !text.includes("two "))
    .map((text) => text.replace("\n", " "));
}

async function checked(format: string, network: string): Promise<string> {
  const lines = exampleText.replace(/^ {2}metal:network:\n(?: {4}.*\n)+/m, `  metal:network: {${network}}\n`);
  const directory = projectWith({ "Pulumi.a.yaml": lines });
  const { out, err } = await metal(directory, ["check", "--format", format]);
  return out + err;
}

const before = side(stackWith(), { rendered: false });

function changeWith(texts: readonly string[]) {
  const after = side(
    stackWith((raw) => {
      raw["machines"] = { files: texts.map((content, i) => ({ path: `/etc/${i}`, content })) };
    }),
    { rendered: false },
  );
  return compareSides(before, after, {
    stack: "capi-1",
    against: words`compared with ${"main"}`,
    file: "values",
    notes: texts.map((text) => words`Not rendered: ${text}`),
  });
}

function gateWith(texts: readonly string[]) {
  return {
    stack: "capi-1",
    level: "high" as const,
    needsApproval: true,
    against: "a",
    reasons: texts.map((text) => words`commit a may run and cannot be compared: ${text}`),
    changes: [changeWith(texts)],
  };
}

function brokenHost(errorMessage: string) {
  const change = { "hosts/capi-1-w-1": { status: { errorType: "registration error", errorMessage } } };
  return snapshotWith({ change });
}

async function bundled(texts: readonly string[]): Promise<string> {
  const directory = projectWith({});
  fs.mkdirSync(path.join(directory, ".metal/events"), { recursive: true });
  const events = texts.map((text) => `${JSON.stringify({ text })}\n`).join("");
  fs.writeFileSync(path.join(directory, ".metal/events/capi-1.jsonl"), events);
  const change = Object.fromEntries(
    texts.map((message, i) => [`events/e-${i}`, { message, involvedObject: { name: message } }]),
  );
  await using clusters = new StackClusters(plan, directory);
  const { bytes } = await bundleOf({
    snapshot: snapshotWith({ change }),
    clusters,
    texts: texts.map((text, i) => ({ name: `${i}.txt`, text })),
    directory,
    now: new Date(at),
  });
  return zlib.gunzipSync(bytes).toString("utf8");
}

async function waited(texts: readonly string[]): Promise<string> {
  const directory = projectWith({});
  const eventsFile = path.join(directory, "events.jsonl");
  const stderr = new PassThrough();
  let said = "";
  stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  const order = { plan: plan.readiness, eventsFile } as unknown as WaitOrder;
  const output = new Output(order, at, stderr);
  for (const text of texts) {
    const cause = { id: "hosts/power-failed", who: "w", object: "BareMetalHost/w", problem: text };
    tellCauses(output, [{ ...cause, evidence: text, fix: text }], at);
    output.tell({ at, host: "w", phase: "provision", text });
  }
  const missing = texts.map((text) => ({ who: "w", what: text, cause: text }));
  tellTimeout(output, { ...plan.readiness, workloads: [] }, missing, at);
  await new Promise((resolve) => setImmediate(resolve));
  return said + fs.readFileSync(eventsFile, "utf8");
}
