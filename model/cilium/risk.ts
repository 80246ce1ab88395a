import { type Risk, classes } from "./risk-classes";

/** A risk and its reason, as a table of changes shows them. */
export interface SettingRisk {
  readonly risk: Risk;
  readonly why: string;
}

/**
 * The risk of a change of one key of cilium-config; undefined is a missing key. Nothing happens before
 * the pods restart: the agent reads its settings once. A key that is not known counts as the worst that settings mostly do.
 * Source: the agent's and the operator's options of 1.18 to 1.20, and renders with one value changed.
 */
export function riskOf(key: string, before: string | undefined, after: string | undefined): SettingRisk {
  const special = specialCase(key, before, after);
  if (special !== undefined) return special;
  const found = classes.find(({ keys, pattern }) => keys.includes(key) || pattern?.test(key) === true);
  return found === undefined
    ? { risk: "restarts the datapath", why: "this key is not known here, so the worst is assumed" }
    : { risk: found.risk, why: found.why };
}

/** Is the key one that {@link riskOf} knows? */
export function isClassified(key: string): boolean {
  return (
    specialCase(key, undefined, undefined) !== undefined ||
    classes.some(({ keys, pattern }) => keys.includes(key) || pattern?.test(key) === true)
  );
}

/** Flags of features that cannot be switched off since 1.19. */
const alwaysOn = ["enable-svc-source-range-check", "enable-internal-traffic-policy", "enable-node-port"];

function specialCase(
  key: string,
  before: string | undefined,
  after: string | undefined,
): SettingRisk | undefined {
  if (alwaysOn.includes(key)) {
    return [before, after].includes("false")
      ? {
          risk: "restarts the datapath",
          why: "service rules are rebuilt; since 1.19 the feature is always on",
        }
      : { risk: "cosmetic", why: "only the flag comes or goes; the feature stays on" };
  }
  if (key.startsWith("vtep-") || key === "enable-vtep") {
    const idle = [before, after].every((value) => value === undefined || value === "" || value === "false");
    return idle
      ? { risk: "cosmetic", why: "there is no VXLAN endpoint outside the cluster" }
      : { risk: "changes routing", why: "traffic to VXLAN endpoints outside the cluster takes another way" };
  }
  return undefined;
}
