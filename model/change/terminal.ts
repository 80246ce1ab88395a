import { type Paint, plain } from "../findings/formats";
import { type Finding, shownFinding } from "../findings/finding";
import {
  type Change,
  type Level,
  type MachineChange,
  type ObjectChange,
  type SettingChange,
  fieldLines,
  howMany,
  objectName,
  shownChange,
} from "./change";
import { type Words } from "./formatted-text";
import { printable } from "./markdown-text";
import { counted } from "../text/wording";
import { writtenAgain } from "./secrets";

/** A change for a person's terminal, or a log: the risk first, what is to do, then every detail. */
export function renderTerminal(given: Change, paint: Paint = plain): string {
  const change = shownChange(given);
  const { stack, level, headline, against, checks, todo, notes } = change;
  const risk = checks.errors.length > 0 ? "refused" : level === "none" ? "no risk" : `${level} risk`;
  const title = paint(
    styleOf(checks.errors.length > 0 ? "high" : level),
    `${shown(stack)}: ${say(headline)}`,
  );
  const blocks = [
    [title, paint("faint", `${risk}, ${say(against)}`)],
    checks.errors.flatMap(findingLines),
    change.effects.flatMap(({ level: each, what, effect }) => [
      `${paint(styleOf(each), each.padEnd(6))}  ${say(what)}`,
      `        ${say(effect)}`,
    ]),
    ...(["before", "after"] as const).map((when) => {
      const own = todo.filter((step) => step.when === when).map(({ what }) => `  - ${say(what)}`);
      return own.length === 0
        ? []
        : [paint("strong", when === "before" ? "Before you merge" : "Afterwards"), ...own];
    }),
    ...sections(change, paint),
    notes.map((note) => paint("faint", say(note))),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

function say(words: Words): string {
  return words.text(shown);
}

function shown(value: string): string {
  return printable(value.replace(/\r?\n/g, " ⏎ "));
}

function styleOf(level: Level): Parameters<Paint>[0] {
  return level === "high" ? "error" : level === "medium" ? "warning" : level === "low" ? "strong" : "faint";
}

function findingLines(finding: Finding): readonly string[] {
  const { severity, id, at, problem, fix } = shownFinding(finding);
  return [`  ${severity} ${id} ${shown(at)}`, `    ${shown(problem)}`, `    fix: ${shown(fix)}`];
}

function sections(change: Change, paint: Paint): readonly (readonly string[])[] {
  const titled = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [paint("strong", title), ...lines];
  const diff = (lines: readonly string[]) => lines.map((line) => coloured(line, paint));
  const { machines, hosts, objects, cilium, bgpObjects, routers, program, secrets, checks, drift, kind } =
    change;
  const object = (each: ObjectChange) => objectLines(each, diff);
  return [
    titled("Machines and their disks", machines.flatMap(machineLines)),
    titled(
      `Hosts: ${howMany(hosts)}`,
      hosts.flatMap(({ host, change: how, fields }) => [
        `  ${how} ${shown(host)}`,
        ...diff(fields.flatMap(fieldLines)),
      ]),
    ),
    titled(
      cilium?.compared === "values" ? "Helm values" : "cilium-config",
      settingLines(cilium?.settings ?? []),
    ),
    titled(`Cilium's objects: ${howMany(cilium?.objects ?? [])}`, (cilium?.objects ?? []).flatMap(object)),
    titled("BGP", [...sessionLines(change), ...(kind === "new" ? [] : bgpObjects.flatMap(object))]),
    ...routers.map(({ router, diff: lines }) =>
      titled(`Router ${shown(router)}, from this stack alone`, diff(lines)),
    ),
    titled(`Cluster API: ${howMany(objects)}`, kind === "new" ? [] : objects.flatMap(object)),
    titled(
      "Checks: new",
      checks.appeared.filter(({ severity }) => severity !== "error").flatMap(findingLines),
    ),
    titled(
      "Checks: accepted",
      checks.accepted.flatMap(({ finding }) => findingLines(finding)),
    ),
    titled("Checks: gone", checks.disappeared.flatMap(findingLines)),
    titled("Settings of the program", diff(program.flatMap(fieldLines))),
    titled(
      "Secrets",
      secrets.map((path) => `  ${shown(path)} ${writtenAgain}`),
    ),
    titled(
      `Drift: the base against what runs, ${counted(drift?.compared ?? 0, "object")} compared`,
      drift === undefined
        ? []
        : [
            ...drift.unknown.map((words) => `  not compared: ${say(words)}`),
            ...settingLines(drift.settings),
            ...drift.objects.flatMap(object),
            ...(drift.unknown.length + drift.settings.length + drift.objects.length === 0 ? ["  none"] : []),
          ],
    ),
  ];
}

function coloured(line: string, paint: Paint): string {
  const text = `    ${printable(line)}`;
  if (line.startsWith("@@")) return paint("faint", text);
  return line.startsWith("-") ? paint("error", text) : line.startsWith("+") ? paint("strong", text) : text;
}

function objectLines(
  object: ObjectChange,
  diff: (lines: readonly string[]) => readonly string[],
): readonly string[] {
  const effects = object.effects.map(say).join("; ");
  return [
    `  ${object.change} ${shown(objectName(object))}${effects === "" ? "" : `: ${effects}`}`,
    ...diff(object.fields.flatMap(fieldLines)),
  ];
}

function machineLines(change: MachineChange): readonly string[] {
  const { pool, what, machines, atMost, order, causes, disks } = change;
  return [
    `  ${shown(pool)}: ${atMost === true ? "at most " : ""}${counted(machines, "machine")} ${what}${order === undefined ? "" : `, ${say(order)}`}`,
    ...(causes.length === 0 ? [] : [`    because of ${causes.map(say).join(", ")}`]),
    ...disks.map(({ host, disk, allDisks }) => {
      const parts = [
        ...(what === "removed" ? [] : [say(disk)]),
        ...(allDisks ? ["the partition tables of all its disks"] : []),
      ];
      return `    ${shown(host)}: ${parts.length === 0 ? "its disks stay as they are" : parts.join("; ")}`;
    }),
  ];
}

function settingLines(settings: readonly SettingChange[]): readonly string[] {
  const width = Math.max(0, ...settings.map(({ key }) => key.length));
  return settings.map(({ key, before, after, risk }) => {
    const values = `${shown(before ?? "(none)")} → ${shown(after ?? "(none)")}`;
    return `  ${shown(key).padEnd(width)}  ${values}${risk === undefined ? "" : `  ${risk}`}`;
  });
}

function sessionLines({ sessions, routes }: Change): readonly string[] {
  return [
    ...sessions.map(({ router, address, change, hosts, why }) => {
      const reasons = why.length === 0 ? "" : `: ${why.map(say).join(", ")}`;
      return `  ${change}: ${shown(router)} ${shown(address)} with ${hosts.map(shown).join(", ")}${reasons}`;
    }),
    ...routes.map(({ router, change, prefix }) => `  route ${change}: ${shown(prefix)} on ${shown(router)}`),
  ];
}
