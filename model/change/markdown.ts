import type { Finding } from "../findings/finding";
import {
  type Change,
  type Level,
  type MachineChange,
  type ObjectChange,
  type SettingChange,
  type WipedDisk,
  fieldLines,
  howMany,
  objectName,
  shownChange,
} from "./change";
import { code, escaped, fenced, fold, sentence, table } from "./markdown-text";
import { counted } from "../text/wording";
import { writtenAgain } from "./secrets";

/** A comment in pieces, so that shortening can leave out whole folds and keep the head. */
export interface MarkdownParts {
  /** Marker, headline, overview and what is to do: never to be left out. */
  readonly head: string;
  /** Details, the most important first; each is one `<details>` that is closed. */
  readonly folds: readonly { readonly title: string; readonly text: string }[];
  readonly foot: string;
}

/** The first line of a comment, by which it is found again. */
function marker(stack: string): string {
  return `<!-- metal-diff stack=${stack.replace(/[^\w.-]/g, "_")} -->`;
}

/** A change as a comment of a pull request: the same change gives the same bytes. */
export function renderMarkdown(change: Change): string {
  const { head, folds, foot } = markdownParts(shownChange(change));
  return [head, ...folds.map(({ text }) => text), foot].join("\n\n") + "\n";
}

/** The same in pieces. */
export function markdownParts(change: Change): MarkdownParts {
  const folds = sections(change).map(({ title, body }) => ({ title, text: fold(title, body) }));
  return { head: headOf(change), folds, foot: footOf(change) };
}

const signs: Readonly<Record<Level, string>> = { high: "🔴", medium: "🟠", low: "⚪", none: "⚪" };
const riskNames: Readonly<Record<Level, string>> = {
  high: "High risk",
  medium: "Medium risk",
  low: "Low risk",
  none: "No risk",
};

function headOf(change: Change): string {
  const { stack, checks, level, headline, against, effects, todo } = change;
  const sign = checks.errors.length > 0 ? "⛔" : signs[level];
  const rows = effects.map(({ level: risk, what, effect }) => [
    `${signs[risk]} ${risk}`,
    sentence(what),
    capital(sentence(effect)),
  ]);
  const steps = (["before", "after"] as const).flatMap((when) => {
    const own = todo.filter((step) => step.when === when).map(({ what }) => `- ${capital(sentence(what))}`);
    const title = when === "before" ? "**Before you merge**" : "**Afterwards**";
    return own.length === 0 ? [] : [[title, ...own].join("\n")];
  });
  return [
    marker(stack),
    `### ${sign} ${escaped(stack)}: ${sentence(headline)}`,
    `${riskNames[level]} · ${sentence(against)}`,
    ...(checks.errors.length === 0 ? [] : [errorList(checks.errors)]),
    ...(rows.length === 0 ? [] : [table(["Risk", "What", "What happens"], rows)]),
    ...steps,
  ].join("\n\n");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function errorList(errors: readonly Finding[]): string {
  return errors.map(findingLine).join("\n");
}

function findingLine({ severity, id, at, problem, fix }: Finding): string {
  const place = at === "" ? "" : ` ${code(at)}`;
  return `- ${severity} ${code(id)}${place}: ${escaped(problem)}; fix: ${escaped(fix)}`;
}

interface Section {
  readonly title: string;
  readonly body: string;
}

function sections(change: Change): readonly Section[] {
  return [
    ...machineSection(change.machines),
    ...hostSection(change),
    ...ciliumSections(change),
    ...bgpSection(change),
    ...change.routers.map(({ router, added, removed, diff }) => ({
      title: `Router ${router}: +${added} −${removed} lines of configuration, from this stack alone`,
      body: fenced(diff),
    })),
    ...objectSection("Cluster API", change.kind === "new" ? [] : change.objects),
    ...checkSection(change),
    ...(change.program.length === 0
      ? []
      : [{ title: "Settings of the program", body: fenced(change.program.flatMap(fieldLines)) }]),
    ...(change.secrets.length === 0
      ? []
      : [
          {
            title: `Secrets: ${change.secrets.length} written again`,
            body: change.secrets.map((path) => `- ${code(path)} ${writtenAgain}`).join("\n"),
          },
        ]),
    ...driftSection(change),
  ];
}

function machineSection(machines: readonly MachineChange[]): readonly Section[] {
  if (machines.length === 0) return [];
  const sections = machines.map((change) => {
    const { pool, what, machines: count, atMost, hosts, order, causes, disks } = change;
    const which = hosts.length > count ? `${count} of ${hosts.length} hosts` : counted(count, "machine");
    return [
      `**${escaped(pool)}**: ${atMost === true ? "at most " : ""}${which} ${what}${order === undefined ? "" : `, ${sentence(order)}`}`,
      ...(causes.length === 0 ? [] : [`because of ${causes.map(sentence).join(", ")}`]),
      "",
      table(
        ["Host", what === "removed" ? "Wiped" : "Overwritten"],
        disks.map((disk) => diskRow(disk, what)),
      ),
    ].join("\n");
  });
  const count = (how: MachineChange["what"]) =>
    machines.filter(({ what }) => what === how).reduce((sum, change) => sum + change.machines, 0);
  const counts = { replaced: count("replaced"), added: count("added"), removed: count("removed") };
  return [{ title: `Machines and their disks: ${countList(counts)}`, body: sections.join("\n\n") }];
}

function diskRow({ host, disk, allDisks }: WipedDisk, what: MachineChange["what"]): readonly string[] {
  const image = what === "removed" ? [] : [sentence(disk)];
  const cleaning = allDisks ? ["the partition tables of all its disks"] : [];
  const parts = [...image, ...cleaning];
  return [code(host), parts.length === 0 ? "nothing: its disks stay as they are" : parts.join("; ")];
}

/** `3 new, 1 gone`; what there is none of is left out. */
function countList(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ");
}

function hostSection({ hosts, kind }: Change): readonly Section[] {
  if (hosts.length === 0 || kind === "new") return [];
  const sections = hosts.map(({ host, pool, change, fields, effects }) =>
    [
      `**${escaped(host)}** (${escaped(pool)}): ${change}${effects.length === 0 ? "" : `; ${effects.map(sentence).join("; ")}`}`,
      ...(fields.length === 0 ? [] : ["", fenced(fields.flatMap(fieldLines))]),
    ].join("\n"),
  );
  return [{ title: `Hosts: ${howMany(hosts)}`, body: sections.join("\n\n") }];
}

function ciliumSections({ cilium }: Change): readonly Section[] {
  if (cilium === undefined) return [];
  const { settings, restarts, objects, compared } = cilium;
  const what = compared === "rendered" ? "cilium-config" : "Helm values";
  const restart = restarts
    .filter(({ restart: how }) => how === "rollout")
    .map(({ workload, effect }) => `- ${code(workload)}: ${sentence(effect)}`)
    .join("\n");
  return [
    ...(settings.length === 0
      ? []
      : [
          {
            title: `${what}: ${counted(settings.length, "setting")}`,
            body: [settingTable(settings), ...(restart === "" ? [] : [restart])].join("\n\n"),
          },
        ]),
    ...objectSection("Cilium's objects", objects),
  ];
}

function settingTable(settings: readonly SettingChange[]): string {
  const value = (text: string | undefined) => (text === undefined ? "–" : code(text));
  if (settings.every(({ risk }) => risk === undefined)) {
    return table(
      ["Value", "Old", "New"],
      settings.map(({ key, before, after }) => [code(key), value(before), value(after)]),
    );
  }
  return table(
    ["Key", "Old", "New", "Risk", "Why"],
    settings.map(({ key, before, after, risk, why }, i) => [
      code(key),
      value(before),
      value(after),
      risk ?? "not known",
      // Once for all neighbours that share it.
      why === settings[i - 1]?.why ? "" : escaped(why ?? ""),
    ]),
  );
}

function bgpSection({ sessions, routes, bgpObjects, kind }: Change): readonly Section[] {
  if (sessions.length + routes.length + bgpObjects.length === 0) return [];
  const rows = sessions.map(({ router, address, session, change, hosts, why }) => [
    `${code(router)} ${code(address)}`,
    escaped(session),
    change,
    hosts.map(code).join(" "),
    why.map(sentence).join(", "),
  ]);
  const parts = [
    ...(rows.length === 0 ? [] : [table(["Router", "Session", "Change", "Nodes of hosts", "Why"], rows)]),
    ...(routes.length === 0
      ? []
      : [
          table(
            ["Router", "Routes", ""],
            routes.map(({ router, change, prefix }) => [code(router), code(prefix), change]),
          ),
        ]),
    ...(kind === "new" ? [] : bgpObjects.map(objectText)),
  ];
  const count = sessions.reduce((sum, { hosts }) => sum + hosts.length, 0);
  const title = [
    ...(count === 0 ? [] : [counted(count, "session")]),
    ...(routes.length === 0 ? [] : [counted(routes.length, "route")]),
    ...(kind === "new" || bgpObjects.length === 0 ? [] : [counted(bgpObjects.length, "object")]),
  ].join(", ");
  return [{ title: `BGP: ${title}`, body: parts.join("\n\n") }];
}

function objectSection(title: string, objects: readonly ObjectChange[]): readonly Section[] {
  if (objects.length === 0) return [];
  return [{ title: `${title}: ${howMany(objects)}`, body: objects.map(objectText).join("\n\n") }];
}

function objectText(object: ObjectChange): string {
  const effects = object.effects.map(sentence).join("; ");
  return [
    `**${object.change}** ${code(objectName(object))}${effects === "" ? "" : `: ${effects}`}`,
    ...(object.fields.length === 0 ? [] : [fenced(object.fields.flatMap(fieldLines))]),
  ].join("\n");
}

function checkSection({ checks }: Change): readonly Section[] {
  const { appeared, disappeared, accepted } = checks;
  const shown = appeared.filter(({ severity }) => severity !== "error");
  if (shown.length + disappeared.length + accepted.length === 0) return [];
  const parts = [
    ...(shown.length === 0 ? [] : [["New:", ...shown.map(findingLine)].join("\n")]),
    ...(accepted.length === 0
      ? []
      : [
          [
            "Accepted from now on:",
            ...accepted.map(({ finding, reason }) => `${findingLine(finding)}; reason: ${escaped(reason)}`),
          ].join("\n"),
        ]),
    ...(disappeared.length === 0 ? [] : [["Gone:", ...disappeared.map(findingLine)].join("\n")]),
  ];
  const counts = { new: shown.length, gone: disappeared.length, accepted: accepted.length };
  return [
    {
      title: `Checks: ${countList(counts)}`,
      body: parts.join("\n\n"),
    },
  ];
}

function driftSection({ drift }: Change): readonly Section[] {
  if (drift === undefined) return [];
  const { compared, objects, settings, unknown } = drift;
  const count = objects.length + settings.length;
  const parts = [
    ...unknown.map((words) => `- not compared: ${sentence(words)}`),
    ...(settings.length === 0 ? [] : [settingTable(settings)]),
    ...objects.map((object) => objectText(object)),
    ...(count === 0 && unknown.length === 0 ? [`${compared} objects match the base.`] : []),
  ];
  return [
    {
      title: `Drift: ${counted(count, "difference")} between the base and what runs, in ${counted(compared, "object")}`,
      body: parts.join("\n\n"),
    },
  ];
}

function footOf({ stack, notes }: Change): string {
  const lines = [
    ...notes.map(sentence),
    `The same locally: ${code(`npm run metal -- diff --stack ${stack}`)}`,
  ];
  return `<sub>${lines.join("<br>")}</sub>`;
}
