import type { ImportedPool } from "./pools";
import type { Draft, NotCarried } from "./draft";
import { type Input, type Inputs, leftOut, textOfSecret } from "./inputs";
import { counterpart, renamed } from "./counterparts";
import { networkInData } from "./network-data";
import { type Difference, differing } from "./differing";
import { isDefault, whyOf } from "./reasons";
import { type KubernetesObject, text } from "../kubernetes/object";
import type { ClusterPlan } from "../plan/plan";
import { beginningOf } from "../redaction/shown";
import { nameAt, shownField } from "../redaction/objects";

/**
 * What the stack's plan does not have of the inputs, and what it has in addition: every field of every input is held against the
 * planned object in its place, so that nothing can be left out without being listed.
 */
export function comparedWithPlan(
  inputs: Inputs,
  pools: readonly ImportedPool[],
  plan: ClusterPlan,
  draft: Draft,
): { readonly notCarried: readonly NotCarried[]; readonly added: readonly NotCarried[] } {
  const notCarried = [...draft.notes];
  const added: NotCarried[] = [];
  const notes = new Map<string, NotCarried[]>();
  for (const note of draft.notes) notes.set(note.object, [...(notes.get(note.object) ?? []), note]);
  const isNoted = (object: string, at: string) =>
    (notes.get(object) ?? []).some((note) => note.at === at || (note.at !== "" && at.startsWith(note.at)));
  for (const input of inputs.objects) {
    const { kind, metadata } = input.object;
    const object = `${kind}/${metadata.name}`;
    const entry = (at: string, why: string): NotCarried => ({ file: input.file, object, at, why });
    const pair = pairOf(input, pools, plan, inputs);
    if (pair === "secret") continue;
    if (pair === undefined) {
      if (!notes.has(object))
        notCarried.push(entry("", leftOut[kind] ?? "nothing that the stack plans is in its place"));
      continue;
    }
    const found = differing(pair.given, pair.planned);
    for (const difference of found.missing) {
      const why = whyOf(kind, difference) ?? planned(difference);
      if (why !== "" && !isNoted(object, difference.at)) notCarried.push(entry(difference.at, why));
    }
    for (const difference of found.added) {
      if (whyOf(kind, difference) === undefined && !isDefault(kind, difference))
        added.push(entry(difference.at, value(difference)));
    }
  }
  const { values } = inputs;
  if (values !== undefined) {
    const entry = (at: string, why: string): NotCarried => ({
      file: values.file,
      object: "Cilium values",
      at,
      why,
    });
    const found = differing(values.map, plan.cilium.values);
    notCarried.push(
      ...found.missing
        .filter(({ at }) => !isNoted("Cilium values", at))
        .map((each) => entry(each.at, planned(each))),
    );
    added.push(...found.added.map((each) => entry(each.at, value(each))));
  }
  return { notCarried, added };
}

function planned(difference: Difference): string {
  if (difference.planned === undefined) return "a stack file has no key for it";
  return `the stack plans ${value(difference)}`;
}

const longest = 60;

function value({ at, planned: found }: Difference): string {
  // What is in files may be anything.
  if (at.endsWith(".content")) return "another content";
  const shown = shownField(nameAt(at), found);
  const text = JSON.stringify(shown, (key, inner: unknown) => (key === "content" ? undefined : inner)) ?? "";
  return text.length <= longest ? text : `${beginningOf(text, longest)}…`;
}

interface Pair {
  readonly given: unknown;
  readonly planned: unknown;
}

/** The parts of an input and of the planned object in its place that are compared; undefined where there is none. */
function pairOf(
  { object }: Input,
  pools: readonly ImportedPool[],
  plan: ClusterPlan,
  inputs: Inputs,
): Pair | "secret" | undefined {
  if (object.kind === "Secret") return "secret";
  const found = counterpart(object, pools, plan);
  if (found === undefined) return undefined;
  const isHost = object.kind === "BareMetalHost";
  const isNamed = !/Template$|^IPPool$|^Metal3RemediationTemplate$/.test(object.kind);
  const part = (each: KubernetesObject) => ({
    metadata: {
      ...(isNamed ? { name: each.metadata.name } : {}),
      labels: ownKeys(each.metadata.labels, isHost),
      annotations: ownKeys(each.metadata.annotations, isHost),
    },
    spec: each["spec"],
  });
  const given = object.kind === "Metal3DataTemplate" ? renamed(part(object), found) : part(object);
  if (!isHost) return { given, planned: part(found) };
  return {
    given: { ...part(object), networkData: networkInData(networkOf(object, inputs)) },
    planned: { ...part(found), networkData: networkInData(plannedNetwork(found, plan)) },
  };
}

/** Without what controllers, kubectl and this project write. */
function ownKeys(map: Readonly<Record<string, string>> | undefined, isHost: boolean): object {
  const written =
    /^(metal\.internal|kubectl\.kubernetes\.io|pulumi\.com|clusterctl\.cluster\.x-k8s\.io)\/|^baremetalhost\.metal3\.io\/status$/;
  return Object.fromEntries(
    Object.entries(map ?? {}).filter(
      ([key]) => !written.test(key) && (isHost || !/(^|\.)cluster\.x-k8s\.io\//.test(key)),
    ),
  );
}

/** The text of a host's network data: that of its Secret. */
function networkOf(host: KubernetesObject, inputs: Inputs): string | undefined {
  const name = text(host, "spec", "networkData", "name");
  const secret = inputs.objects.find(
    ({ object }) => object.kind === "Secret" && object.metadata.name === name,
  );
  return textOfSecret(secret?.object, "networkData");
}

function plannedNetwork(host: KubernetesObject, { hosts }: ClusterPlan): string | undefined {
  const name = text(host, "spec", "networkData", "name");
  return hosts.secrets.find(({ manifest }) => manifest.metadata.name === name)?.text["networkData"];
}
