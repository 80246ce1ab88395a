import type { Stack, WorkerPool } from "../../stack/schema";
import { listed } from "../../findings/finding";
import { type Check, type CheckDefinition, type CheckResults, defineCheck } from "../check";
import { readShell } from "./shell";
import { templateParts } from "./templates";

/** A check's run over the machine settings of the stack and of each pool with its own: places below `machines` become the pool's. */
export function ofEachMachines(run: (stack: Stack) => CheckResults): CheckDefinition["run"] {
  return (stack) => [
    run(stack),
    stack.workers.flatMap(({ machines: own }, i) =>
      own === undefined
        ? []
        : listed(run({ ...stack, machines: withOwn(stack.machines, own) })).map((result) => ({
            ...result,
            at: result.at.replace(/^machines\b/, `workers[${i}].machines`),
          })),
    ),
  ];
}

function withOwn(all: Stack["machines"], own: NonNullable<WorkerPool["machines"]>): Stack["machines"] {
  return { ...all, ...own, users: [...all.users, ...own.users] };
}

/** Checks of the commands that cloud-init runs. */
export const cloudInitChecks: readonly Check[] = [
  defineCheck({
    id: "machines/commands-leave-kubeadm",
    summary: "Commands neither restart the machine, nor run kubeadm, nor end the script that runs it.",
    why: "cloud-init runs once, and all commands are one script: a machine that restarts during that run, joins by hand, or never reaches kubeadm, never becomes a node",
    acceptable: false,
    run: ofEachMachines(({ machines }) =>
      (["preKubeadmCommands", "postKubeadmCommands"] as const).flatMap((key) =>
        interruptions(machines[key], key === "preKubeadmCommands").map(({ index, problem, fix }) => ({
          at: `machines.${key}[${index}]`,
          problem,
          fix,
        })),
      ),
    ),
  }),
];

/** A command of the list that keeps kubeadm from running. */
interface Interruption {
  readonly index: number;
  readonly problem: string;
  readonly fix: string;
}

/** A command as the shell gets it from cloud-init's template engine: with a word for each expression, without statements. */
function expanded(command: string): string {
  return templateParts(command)
    .map(({ kind, text }) => (kind === "expression" ? "_" : kind === "statement" ? "" : text))
    .join("");
}

/** The first interruption of each command; together they are one script (cloud-init `cloudinit/util.py`, `shellify`). */
function interruptions(commands: readonly string[], areBefore: boolean): readonly Interruption[] {
  const texts = commands.map(expanded);
  const owners = texts.flatMap((text, i) => new Array<number>(text.length + 1).fill(i));
  const script = readShell(`${texts.join("\n")}\n`);
  const indexOf = (at: number) => owners[at] ?? Math.max(0, texts.length - 1);
  // A command of a function is in the script at each call, with the same words.
  const distinct = [...new Set(script.commands.map(({ words }) => words))];
  const interrupted = new Map(distinct.map((words) => [words, interrupting(words)]));
  const ended = new Map(areBefore ? distinct.map((words) => [words, ending(words)]) : []);
  const found = [
    ...script.commands.flatMap(({ words, at, isOwn }): Interruption[] => {
      const what = interrupted.get(words) ?? (isOwn ? ended.get(words) : undefined);
      return what === undefined ? [] : [{ index: indexOf(at), ...what }];
    }),
    ...(script.broken === undefined
      ? []
      : [{ index: indexOf(script.broken.at), ...broken(script.broken.what, areBefore) }]),
  ];
  const seen = new Set<number>();
  return found.filter(({ index }) => seen.size < seen.add(index).size);
}

type Problem = Omit<Interruption, "index">;

function broken(what: string, areBefore: boolean): Problem {
  return {
    problem: `${what}, so the shell runs nothing from there on${areBefore ? ", and kubeadm never" : ""}`,
    fix: "complete the command; all commands are one script, one after another",
  };
}

/** Programs before the one that they run, with their options. */
const wrappers = ["sudo", "exec", "command", "nohup", "env", "nice", "setsid", "timeout", "time"];

/** A command without the program that runs it, and without the folder of its own. */
function unwrapped(words: readonly string[]): readonly string[] {
  const nameAt = (at: number) => (words[at] ?? "").replace(/^.*\//, "");
  let at = 0;
  while (wrappers.includes(nameAt(at))) {
    for (at++; /^-|=|^\d/.test(words[at] ?? ""); at++);
    if (at >= words.length) return [];
  }
  return [nameAt(at), ...words.slice(at + 1)];
}

/** What restarts the machine, or runs kubeadm, wherever it is in a script. */
function interrupting(words: readonly string[]): Problem | undefined {
  const [name = "", ...rest] = unwrapped(words);
  const [first = ""] = rest.filter((word) => !word.startsWith("-"));
  if (/^(ba|da|a)?sh$/.test(name)) {
    const script = rest[rest.findIndex((word) => /^-[a-z]*c$/.test(word)) + 1];
    if (!rest.some((word) => /^-[a-z]*c$/.test(word)) || script === undefined) return undefined;
    return [...new Set(readShell(script).commands.map((command) => command.words))]
      .map((inner) => interrupting(inner))
      .find((problem) => problem !== undefined);
  }
  const isInterrupting =
    /^(reboot|poweroff|halt)$/.test(name) ||
    (name === "shutdown" && !rest.includes("-c")) ||
    (name === "systemctl" && /^(reboot|poweroff|halt|kexec|soft-reboot|rescue|emergency)$/.test(first)) ||
    (/^(tel)?init$/.test(name) && /^[0-6sS]$/.test(first)) ||
    (name === "kubeadm" && /^(init|join|reset)$/.test(first));
  if (!isInterrupting) return undefined;
  return {
    problem: `"${/^(systemctl|kubeadm|init|telinit)$/.test(name) ? `${name} ${first}` : name}" interrupts the machine's only run of kubeadm`,
    fix: "remove it; a change that needs a restart belongs in the image",
  };
}

/** What ends the shell that runs it, with all that follows. `exec` with redirections alone has no words behind it. */
function ending(words: readonly string[]): Problem | undefined {
  const first = words.findIndex((word) => word !== "command" && word !== "builtin");
  const [name = "", ...rest] = first < 0 ? [] : words.slice(first);
  if (name === "exec" && rest.length > 0) {
    return {
      problem: `"exec ${rest[0] ?? ""}" takes the place of the script, and kubeadm never runs`,
      fix: "remove exec",
    };
  }
  if (name !== "exit" && name !== "return") return undefined;
  return {
    problem: `"${[name, ...rest].join(" ")}" ends the script before kubeadm runs`,
    fix: "write what it is to end in parentheses, as a script of its own: ( test -e /done && exit; echo first )",
  };
}
