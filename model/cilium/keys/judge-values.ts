import data from "./recorded-keys.json";
import { nearest } from "../../text/wording";
import { byAge, minorVersion } from "../../kubernetes/version";

/** Something that a chart would silently ignore, or refuse. */
export interface ValueJudgement {
  /** `unknown`: no chart reads the key; `dead`: older ones did; `type`: the chart's schema refuses the value. */
  readonly fault: "unknown" | "dead" | "type";
  /** Path below `cilium.values`, such as `bgpControlPlane.enable`. */
  readonly key: string;
  readonly problem: string;
  readonly fix: string;
}

/** Keys below which Kubernetes' own fields stand, even where the chart has defaults for some of them. */
export const passedThrough: ReadonlySet<string> = new Set([
  ...["affinity", "nodeSelector", "tolerations", "resources", "securityContext", "podSecurityContext"],
  ...["updateStrategy", "lifecycle", "startupProbe", "livenessProbe", "readinessProbe", "extraConfig"],
  ...["annotations", "labels", "podAnnotations", "podLabels", "matchLabels"],
]);

/**
 * Judges Helm values against the keys of the chart of one version. No chart refuses an unknown key, it renders as if it
 * were not there. Versions with unknown keys give no result.
 */
export function judgeValues(
  values: Readonly<Record<string, unknown>>,
  version: string,
): readonly ValueJudgement[] {
  const tree = keysOfMinor(minorVersion(version));
  if (tree === undefined) return [];
  return judgeMap(values, tree, [], { tree, minor: minorVersion(version), guesses: 0 });
}

interface Chart {
  readonly tree: KeyTree;
  readonly minor: string;
  /** How many unknown keys have been compared with those of the chart. */
  guesses: number;
}

/** Values with more unknown keys than this are another chart's, and comparing each with every key takes long. */
const mostGuesses = 50;

function judgeMap(
  values: Readonly<Record<string, unknown>>,
  keys: KeyTree,
  path: readonly string[],
  chart: Chart,
): readonly ValueJudgement[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const here = [...path, name];
    const key = here.join(".");
    const dead = deadKeys.find((each) => each.key === key && isGone(each, chart.minor));
    if (dead !== undefined) return [deadJudgement(dead, chart.minor)];
    const node = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (node === undefined) return [unknownJudgement(name, keys, here, chart)];
    if (key === "kubeProxyReplacement" && deadProxyModes.includes(String(value))) {
      return [deadProxyMode(String(value))];
    }
    return judgeValue(value, node, here, chart);
  });
}

function judgeValue(value: unknown, node: KeyNode, here: readonly string[], chart: Chart) {
  // Null takes the chart's default away, whatever it is.
  if (value === null || value === undefined) return [];
  const key = here.join(".");
  if (typeof node === "string") {
    return fits(value, node) ? [] : [typeJudgement(key, value, node)];
  }
  if (typeof value !== "object" || Array.isArray(value)) return [typeJudgement(key, value, "o")];
  if (passedThrough.has(here.at(-1) ?? "")) return [];
  return judgeMap(value as Record<string, unknown>, node, here, chart);
}

function isGone(dead: DeadKey, minor: string): boolean {
  return byAge(dead.removed, minor) <= 0;
}

function deadJudgement({ key, removed, instead }: DeadKey, minor: string): ValueJudgement {
  return {
    fault: "dead",
    key,
    problem: `Cilium ${minor} does not read ${key}; it was removed in ${removed}`,
    fix: instead,
  };
}

function deadProxyMode(mode: string): ValueJudgement {
  return {
    fault: "dead",
    key: "kubeProxyReplacement",
    problem: `kubeProxyReplacement "${mode}" was removed in 1.16, and the chart does not render`,
    fix: mode === "disabled" ? "write false" : "remove it; this stack sets it to true",
  };
}

/** Was the key known once, will it be, or is it a slip of the pen? */
function unknownJudgement(
  name: string,
  siblings: KeyTree,
  here: readonly string[],
  chart: Chart,
): ValueJudgement {
  const { tree, minor } = chart;
  const key = here.join(".");
  const others = knownMinors.filter((other) => holds(keysOfMinor(other), here));
  const later = others.find((other) => knownMinors.indexOf(other) > knownMinors.indexOf(minor));
  const earlier = others.findLast((other) => knownMinors.indexOf(other) < knownMinors.indexOf(minor));
  if (later === undefined && earlier !== undefined) {
    const removed = knownMinors[knownMinors.indexOf(earlier) + 1] ?? minor;
    return deadJudgement(
      { key, removed, instead: `remove it; Cilium ${earlier} was the last to read it` },
      minor,
    );
  }
  if (later !== undefined) {
    return {
      fault: "unknown",
      key,
      problem: `Cilium ${minor} does not read ${key}; ${later} is the first that does`,
      fix: `remove it, or write a cilium.version of ${later}`,
    };
  }
  chart.guesses += 1;
  const isGuessed = chart.guesses <= mostGuesses;
  const sibling = isGuessed ? nearest(name, Object.keys(siblings)) : undefined;
  const elsewhere = isGuessed ? placesOf(name, tree) : [];
  const prefix = here
    .slice(0, -1)
    .map((step) => `${step}.`)
    .join("");
  return {
    fault: "unknown",
    key,
    problem: `Cilium ${minor} has no key ${key}, and would ignore it silently`,
    fix:
      sibling !== undefined
        ? `write ${prefix}${sibling}`
        : elsewhere.length === 1
          ? `write ${elsewhere[0] ?? ""}`
          : "remove it; cilium.values.extraConfig takes settings that the chart has no key for",
  };
}

function holds(tree: KeyTree | undefined, [name = "", ...rest]: readonly string[]): boolean {
  const node = tree !== undefined && Object.hasOwn(tree, name) ? tree[name] : undefined;
  if (node === undefined || rest.length === 0) return node !== undefined;
  return typeof node !== "string" && holds(node, rest);
}

/** Full paths of all keys of one name. */
function placesOf(name: string, tree: KeyTree, prefix = ""): readonly string[] {
  return Object.entries(tree).flatMap(([key, node]) => [
    ...(key === name ? [`${prefix}${key}`] : []),
    ...(typeof node === "string" ? [] : placesOf(name, node, `${prefix}${key}.`)),
  ]);
}

const typeNames: Readonly<Record<string, string>> = {
  a: "a list",
  b: "true or false",
  i: "a whole number",
  n: "a number",
  o: "a map",
  s: "text in quotes",
};

function fits(value: unknown, node: string): boolean {
  if (node === "" || node === "*") return true;
  if (node.startsWith("=")) return typeof value === "string" && node.slice(1).split("|").includes(value);
  return [...node].some((letter) => {
    switch (letter) {
      case "a":
        return Array.isArray(value);
      case "b":
        return typeof value === "boolean";
      case "i":
        return Number.isInteger(value);
      case "n":
        return typeof value === "number";
      case "o":
        return typeof value === "object" && !Array.isArray(value);
      default:
        return typeof value === "string";
    }
  });
}

function typeJudgement(key: string, value: unknown, node: string): ValueJudgement {
  const wanted = node.startsWith("=")
    ? node
        .slice(1)
        .split("|")
        .map((word) => `"${word}"`)
    : [...node].map((letter) => typeNames[letter] ?? letter);
  const found = kindOf(value);
  return {
    fault: "type",
    key,
    problem: `${key} is ${found}, and the chart's schema refuses that`,
    fix: `write ${wanted.join(" or ")}`,
  };
}

/** The kind of value, without its text: that may be a secret. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : typeof value === "string" ? "text" : String(value);
}

/** A key that older charts read, and none of those that are supported. */
export interface DeadKey {
  readonly key: string;
  /** First minor that does not read it. */
  readonly removed: string;
  /** What to write instead, as a sentence after "fix:". */
  readonly instead: string;
  /** The chart's values.yaml still lists it, and no template reads it. */
  readonly stillListed?: true;
}

const nothing = "remove it; nothing takes its place";

/** Keys of guides and of older clusters, from the charts' own refusals and from renders that did not change. */
export const deadKeys: readonly DeadKey[] = [
  { key: "global", removed: "1.8", instead: "write its keys at the top of cilium.values" },
  { key: "tunnel", removed: "1.15", instead: "set cilium.routingMode and cilium.tunnelProtocol" },
  {
    key: "bgp",
    removed: "1.17",
    instead: "describe the sessions in metal:bgp; it switches bgpControlPlane on",
  },
  { key: "externalIPs", removed: "1.17", instead: "remove it; kubeProxyReplacement: true includes it" },
  { key: "hostPort", removed: "1.18", instead: "remove it; kubeProxyReplacement: true includes it" },
  { key: "nodePort.enabled", removed: "1.19", instead: "remove it; kubeProxyReplacement: true includes it" },
  { key: "hostServices", removed: "1.14", instead: "use socketLB" },
  { key: "sessionAffinity", removed: "1.19", instead: "remove it; it is always on" },
  {
    key: "enableInternalTrafficPolicy",
    removed: "1.19",
    instead: "remove it; it is always on",
    stillListed: true,
  },
  { key: "svcSourceRangeCheck", removed: "1.19", instead: "remove it; it is always on" },
  { key: "enableCnpStatusUpdates", removed: "1.15", instead: nothing },
  { key: "enableK8sEventHandover", removed: "1.15", instead: nothing },
  { key: "endpointStatus", removed: "1.16", instead: nothing },
  { key: "remoteNodeIdentity", removed: "1.16", instead: "remove it; it is always on" },
  { key: "containerRuntime", removed: "1.16", instead: nothing },
  { key: "etcd.managed", removed: "1.16", instead: nothing },
  { key: "encryption.keyFile", removed: "1.16", instead: "use encryption.ipsec.keyFile" },
  { key: "encryption.mountPath", removed: "1.16", instead: "use encryption.ipsec.mountPath" },
  { key: "encryption.secretName", removed: "1.16", instead: "use encryption.ipsec.secretName" },
  { key: "encryption.interface", removed: "1.16", instead: "use encryption.ipsec.interface" },
  { key: "proxy.prometheus", removed: "1.16", instead: "use envoy.prometheus" },
  { key: "enableCiliumEndpointSlice", removed: "1.18", instead: "use ciliumEndpointSlice.enabled" },
  { key: "ciliumEndpointSlice.sliceMode", removed: "1.18", instead: nothing },
];

/** Words that kubeProxyReplacement took until 1.15. */
const deadProxyModes: readonly string[] = ["strict", "partial", "probe", "disabled"];

/**
 * What a chart takes at one key: a map with keys of its own, or letters for the types of a value: `a` list, `b` boolean,
 * `i` integer, `n` number, `o` map of anything, `s` text, `*` anything; `=x|y` is one of these words.
 */
export type KeyNode = string | KeyTree;
export interface KeyTree {
  readonly [key: string]: KeyNode;
}

/** Form of recorded-keys.json, which `npm run charts` writes. */
export interface KnownKeys {
  readonly shared: KeyTree;
  readonly minors: Readonly<Record<string, KeyTree>>;
}

const { shared, minors }: KnownKeys = data;

/** Minors of Cilium whose keys are known, such as 1.19; the oldest first. */
export const knownMinors: readonly string[] = Object.keys(minors).sort(byAge);

const trees = new Map(Object.entries(minors).map(([minor, own]) => [minor, united(shared, own)]));

/** Every key of a minor's chart; undefined for a minor that is not known. */
export function keysOfMinor(minor: string): KeyTree | undefined {
  return trees.get(minor);
}

function united(a: KeyTree, b: KeyTree): KeyTree {
  const all: Record<string, KeyNode> = { ...a };
  for (const [key, node] of Object.entries(b)) {
    const below = all[key];
    all[key] = typeof below === "object" && typeof node === "object" ? united(below, node) : node;
  }
  return all;
}
