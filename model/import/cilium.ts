import { defined, field, isMap, text } from "../kubernetes/object";
import { ciliumValues } from "../plan/cilium-values";
import type { Stack } from "../stack/schema";
import { separateSecrets } from "../stack/secrets";
import type { Draft } from "./draft";
import { type Inputs, ofKind } from "./inputs";
import { installedCiliumAnnotation } from "../kubernetes/labels";
import { minorVersion } from "../kubernetes/version";
import { supportedVersions } from "../stack/supported-versions";

type Raw = Readonly<Record<string, unknown>>;

/** Helm values that the stack file has as keys of its own. */
export function importCilium(inputs: Inputs, draft: Draft): Raw {
  const values = inputs.values?.map;
  if (values === undefined) {
    draft.yours("cilium", "version; no input has Helm values of Cilium");
    return {};
  }
  const version = versionOf(inputs, values);
  if (version === undefined) draft.yours("cilium", "version: Helm values do not say which one runs");
  const compatible = text(values, "upgradeCompatibility");
  return defined({
    version,
    ...(compatible === undefined
      ? {}
      : { installedVersion: /^\d+\.\d+$/.test(compatible) ? `${compatible}.0` : compatible }),
    routingMode: text(values, "routingMode") === "native" ? undefined : "tunnel",
    tunnelProtocol: text(values, "tunnelProtocol") === "geneve" ? "geneve" : undefined,
    autoDirectNodeRoutes:
      text(values, "routingMode") === "native" && field(values, "autoDirectNodeRoutes") !== true
        ? false
        : undefined,
  });
}

/** The version of the values' image; else the release that is known of the minor with which this project installed it. */
function versionOf(inputs: Inputs, values: Raw): string | undefined {
  const [, tagged] = /^v?(\d+\.\d+\.\d+)$/.exec(text(values, "image", "tag") ?? "") ?? [];
  if (tagged !== undefined || text(values, "upgradeCompatibility") !== undefined) return tagged;
  const installed = ofKind(inputs, "Cluster")[0]?.metadata.annotations?.[installedCiliumAnnotation];
  const { recorded } = supportedVersions.cilium;
  return recorded.find((release) => minorVersion(release) === installed);
}

/** The values that remain: what the stack's own would say otherwise. Private keys are left out and noted. */
export function remainingValues(inputs: Inputs, stack: Stack, hasKubeProxy: boolean, draft: Draft): Raw {
  const given = inputs.values;
  const own = hasKubeProxy ? { kubeProxyReplacement: false } : {};
  if (given === undefined) return own;
  const { raw, values: secrets } = separateSecrets({ cilium: { values: given.map } });
  const places = new Set(secrets.keys());
  for (const place of places) {
    draft.places.push(place);
    draft.yours("cilium", `pulumi config set --secret --path 'metal:${place}'`);
    draft.notes.push({
      file: given.file,
      object: "Cilium values",
      at: place.replace(/^cilium\.values\./, ""),
      why: `a private key is never read: pulumi config set --secret --path 'metal:${place}'`,
    });
  }
  const whole = {
    ...own,
    ...(field(raw, "cilium", "values") as Raw),
  };
  return other(whole, ciliumValues({ ...stack, cilium: { ...stack.cilium, values: {} } }), places);
}

/** The part of the values that differs from others. */
function other(values: Raw, than: Raw, secrets: ReadonlySet<string>): Raw {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      if (typeof value === "string" && secrets.has(value)) return [];
      const known = than[key];
      if (isMap(value)) {
        const inner = other(value, isMap(known) ? known : {}, secrets);
        return Object.keys(inner).length === 0 ? [] : [[key, inner]];
      }
      return JSON.stringify(value) === JSON.stringify(known) ? [] : [[key, value]];
    }),
  );
}
