import { minorVersion } from "../../model/kubernetes/version";
import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import {
  type KeyTree,
  deadKeys,
  judgeValues,
  keysOfMinor,
  passedThrough,
} from "../../model/cilium/keys/judge-values";
import { templatesOf } from "../../lab/charts/chart-keys";
import { chartTools } from "../../lab/charts/record";
import { ensureTools, showProgress, type Toolchain } from "../../lab/toolchain/index";
import { CILIUM_VERSIONS, type CiliumVersion } from "../../lab/toolchain/tools";

type Values = Record<string, unknown>;
type Key = readonly string[];

/** Without Hubble, whose certificates would be new at every render. */
const plain: Values = { hubble: { enabled: false } };

/** Values with which the charts render most of their templates. */
const bases: Readonly<Record<string, Values>> = {
  "few features": plain,
  "many features": {
    hubble: {
      ...{ enabled: true, relay: { enabled: true }, tls: { auto: { method: "cronJob" } } },
      ...{ ui: { enabled: true, ingress: { enabled: true } }, metrics: { enabled: ["dns"] } },
      export: { static: { enabled: true }, dynamic: { enabled: true } },
    },
    clustermesh: {
      useAPIServer: true,
      apiserver: { tls: { auto: { method: "cronJob" } }, podDisruptionBudget: { enabled: true } },
    },
    operator: { prometheus: { enabled: true }, podDisruptionBudget: { enabled: true } },
    encryption: { enabled: true, type: "wireguard", nodeEncryption: true },
    ...Object.fromEntries(
      ["ingressController", "gatewayAPI", "l2announcements", "nodeinit", "egressGateway", "prometheus"].map(
        (feature) => [feature, { enabled: true }],
      ),
    ),
    ...{ bandwidthManager: { enabled: true }, ipMasqAgent: { enabled: true }, pprof: { enabled: true } },
    ...{ pmtuDiscovery: { enabled: true }, ciliumEndpointSlice: { enabled: true } },
  },
};

/** Maps that validate.yaml looks into, to refuse removed keys below them: a text there stops the render. */
const looksInto = ["proxy", "clustermesh.apiserver.tls.ca", "clustermesh.apiserver.tls.server"];

describe("keys of which the charts' own templates know nothing", () => {
  let tools: Pick<Toolchain, "tool" | "folder">;
  let scratch: string;
  before(async function () {
    this.timeout(40 * 60_000);
    tools = await ensureTools([...chartTools, "helm"], showProgress(process.stderr));
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), "chart-reach-"));
  });
  after(() => fs.rmSync(scratch, { recursive: true, force: true }));

  for (const version of CILIUM_VERSIONS) {
    const known = keysOfMinor(minorVersion(version)) ?? {};
    for (const [name, features] of Object.entries(bases)) {
      it(`change nothing in a render of ${version} with ${name}, whatever word of a template they are`, () => {
        // A map that the chart has no default for counts as set once it is there.
        const maps = mapsOf(known, []).map(({ at }) => at);
        const base = withKeys(
          features,
          maps.filter((at) => at.length > 0 && fitsInto(features, at)),
          {},
        );
        const unknown = unknownKeys(templatesOf(chartOf(version)), known, base);
        assert.ok(unknown.length > 10_000);
        assert.deepEqual(reaching(version, base, render(version, base), unknown), []);
      });
    }

    it(`change nothing in ${version}, or are refused by the chart, when they are called dead`, () => {
      const wanted = render(version, plain);
      for (const { key } of deadKeys) {
        const values = withKeys(plain, [key.split(".")], "x");
        // The chart of an older minor may still read a key that is gone later.
        if (judgeValues(values, version)[0]?.fault !== "dead") continue;
        assert.ok([undefined, wanted].includes(render(version, values)), key);
      }
    });
  }

  it("are found when one is not recorded: socketLB.hostNamespaceOnly", () => {
    const keys = ["nothing", "hostNamespaceOnly", "neither"].map((name) => ["socketLB", name]);
    const found = reaching("1.19.5", plain, render("1.19.5", plain), keys);
    assert.deepEqual(found, ["socketLB.hostNamespaceOnly"]);
  });

  const chartOf = (version: CiliumVersion) => tools.folder(`cilium-chart-${version}`);

  /** Undefined where the chart refuses the values. */
  function render(version: CiliumVersion, values: Values): string | undefined {
    const file = path.join(scratch, "values.json");
    fs.writeFileSync(file, JSON.stringify(values));
    const words = ["template", "cilium", chartOf(version), "-n", "kube-system", "-f", file];
    const env = { PATH: process.env["PATH"], HOME: scratch, KUBECONFIG: "/dev/null" };
    const run = childProcess.spawnSync(tools.tool("helm"), words, {
      env,
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
    });
    return run.status === 0 ? run.stdout : undefined;
  }

  /** Which of many keys change a render, by halves: where none does, one render says so. */
  function reaching(
    version: CiliumVersion,
    base: Values,
    wanted: string | undefined,
    keys: readonly Key[],
  ): readonly string[] {
    assert.ok(wanted !== undefined, "the chart refuses the values without further keys");
    if (keys.length === 0 || render(version, withKeys(base, keys, "x")) === wanted) return [];
    if (keys.length === 1) return [keys[0]?.join(".") ?? ""];
    const half = keys.length >> 1;
    const first = reaching(version, base, wanted, keys.slice(0, half));
    // A few say enough: each costs some twenty renders.
    return first.length >= 3 ? first : [...first, ...reaching(version, base, wanted, keys.slice(half))];
  }
});

/** Every word of the templates below every map of the chart, where it is no known key. */
function unknownKeys(templates: readonly string[], keys: KeyTree, base: Values): readonly Key[] {
  const words = new Set(
    templates.flatMap((text) => [...text.matchAll(/[."]([A-Za-z]\w*)/g)].map(([, word = ""]) => word)),
  );
  const dead = new Set([...deadKeys.map(({ key }) => key), ...looksInto]);
  return mapsOf(keys, []).flatMap(({ at, keys: known }) =>
    [...words]
      .filter((word) => !Object.hasOwn(known, word) && !dead.has([...at, word].join(".")))
      .map((word) => [...at, word])
      .filter((key) => fitsInto(base, key)),
  );
}

function mapsOf(keys: KeyTree, at: Key): readonly { readonly at: Key; readonly keys: KeyTree }[] {
  return [
    { at, keys },
    ...Object.entries(keys).flatMap(([key, below]) =>
      typeof below === "string" || passedThrough.has(key) ? [] : mapsOf(below, [...at, key]),
    ),
  ];
}

/** Is every step above a key a map, or nothing yet? */
function fitsInto(values: unknown, [first = "", ...rest]: Key): boolean {
  if (values === undefined) return true;
  if (typeof values !== "object" || values === null || Array.isArray(values)) return false;
  const below = (values as Values)[first];
  return rest.length === 0 ? below === undefined : fitsInto(below, rest);
}

function withKeys(base: Values, keys: readonly Key[], value: unknown): Values {
  const values = structuredClone(base);
  for (const key of keys) {
    let here = values;
    for (const step of key.slice(0, -1)) here = (here[step] ??= {}) as Values;
    here[key.at(-1) ?? ""] = structuredClone(value);
  }
  return values;
}
