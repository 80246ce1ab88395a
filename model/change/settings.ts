import { type Risk, type SettingRisk, riskOf, risks } from "../cilium/risk";
import type { Level, SettingChange } from "./change";
import { fieldChanges, pathsOf, shownLines } from "./fields";

/**
 * Keys of cilium-config that differ, the gravest first. When the version changes, a key that comes or goes with the value
 * "false" is a feature that one of the two versions does not have, and the other has switched off.
 */
export function settingChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  isUpgrade = false,
): readonly SettingChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys
    .filter((key) => before[key] !== after[key])
    .map((key): SettingChange => ({
      key,
      ...sides(key, before[key], after[key]),
      ...(isUpgrade && isIdle(before[key], after[key]) ? idle : riskOf(key, before[key], after[key])),
    }))
    .sort((a, b) => rank(a.risk) - rank(b.risk) || compareText(a.why ?? "", b.why ?? ""));
}

const idle: SettingRisk = {
  risk: "cosmetic",
  why: "a feature that only one of the versions knows, switched off",
};

function isIdle(before: string | undefined, after: string | undefined): boolean {
  return (before === undefined || after === undefined) && (before ?? after) === "false";
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Helm values that differ: what they lead to only a render tells. */
export function valueChanges(before: unknown, after: unknown): readonly SettingChange[] {
  return fieldChanges(before, after).flatMap((change) =>
    pathsOf(change).map((key) => ({
      key,
      ...(change.before.length === 0 ? {} : { before: change.before.join("\n") }),
      ...(change.after.length === 0 ? {} : { after: change.after.join("\n") }),
    })),
  );
}

function sides(key: string, before: string | undefined, after: string | undefined) {
  return {
    ...(before === undefined ? {} : { before: shownLines(key, before).join("\n") }),
    ...(after === undefined ? {} : { after: shownLines(key, after).join("\n") }),
  };
}

function rank(risk: Risk | undefined): number {
  return risk === undefined ? risks.length : risks.indexOf(risk);
}

/** How much harm a setting of this risk can do. A value whose effect is unknown counts as the worst. */
export function levelOfRisk(risk: Risk | undefined): Level {
  switch (risk) {
    case "changes IPAM":
    case "restarts the datapath":
    case "changes routing":
    case "changes BGP":
    case undefined:
      return "high";
    case "changes policy":
    case "opens access":
      return "medium";
    case "observability":
    case "cosmetic":
      return "low";
  }
}
