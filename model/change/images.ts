import { type KubernetesObject, isMap, list, text } from "../kubernetes/object";
import { same, step } from "./fields";

/** A rendered object, for people. */
export function nameOf({ kind, metadata: { name, namespace } }: KubernetesObject): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** Every pod's specification within an object, whatever kind of workload it is. */
export function podSpecsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(podSpecsIn);
  if (!isMap(value)) return [];
  return [
    ...(Array.isArray(value["containers"]) ? [value] : []),
    ...Object.values(value).flatMap(podSpecsIn),
  ];
}

/** Every container of a pod's specification. */
export function containersOf(spec: unknown): readonly unknown[] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((key) => list(spec, key));
}

/** The repository of an image, such as `quay.io/cilium/cilium`, without tag and digest. */
export function repositoryOf(image: string): string {
  return image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
}

/** The image of each container, by object and container. */
function imagesOf(objects: readonly KubernetesObject[]): ReadonlyMap<string, RunningImage> {
  const found = objects.flatMap((object) =>
    podSpecsIn(object)
      .flatMap(containersOf)
      .map((container) => {
        const name = `${nameOf(object)} has container ${text(container, "name") ?? ""}`;
        return [name, { object: nameOf(object), image: text(container, "image") ?? "" }] as const;
      }),
  );
  return new Map(found);
}

interface RunningImage {
  readonly object: string;
  readonly image: string;
}

/**
 * Images of any pod that come from another repository than before, and those of new containers from where none came before. Also a
 * pod without privileges reads what is sent to it, and what it is given of its namespace.
 */
export function foreignImages(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
): readonly string[] {
  const repositories = (objects: readonly KubernetesObject[]) =>
    new Map([...imagesOf(objects)].map(([container, { image }]) => [container, repositoryOf(image)]));
  const [old, fresh] = [repositories(before), repositories(after)];
  const folderOf = (repository: string) => repository.replace(/[^/]*$/, "");
  const folders = new Set([...old.values()].map(folderOf));
  return [...fresh]
    .filter(([container, image]) => {
      const known = old.get(container);
      return known === undefined ? !folders.has(folderOf(image)) : known !== image;
    })
    .map(([container, image]) => `${container} of ${image}`);
}

/** What images of a render come from. */
export interface ImageSource {
  readonly objects: readonly KubernetesObject[];
  /** Helm values. */
  readonly values: unknown;
  /** The version of the chart, `1.19.5`. */
  readonly version: string;
}

/**
 * Images that run from now on and that the values choose, by a tag, a digest or as a whole: what is behind them is not known to be
 * of the chart's version. A choice may be older than this change, where it has no effect before: its component was switched off.
 * With a chart of the project each image that differs is one, because its own files choose it.
 */
export function chosenImages(
  before: ImageSource,
  after: ImageSource,
  hasOwnChart: boolean,
): readonly string[] {
  const [old, texts] = [imagesOf(before.objects), chosenTexts(before.values, after)];
  const found = [...imagesOf(after.objects)]
    .map(([container, running]) => ({ ...running, ran: old.get(container)?.image }))
    .filter(({ image, ran }) => ran !== image)
    .filter(
      ({ image, ran = "" }) =>
        hasOwnChart ||
        texts.some(({ text: chosen, isNew }) => image.includes(chosen) && (isNew || !ran.includes(chosen))),
    )
    .map(
      ({ object, image }) =>
        `${object} runs ${image}, which ${hasOwnChart ? "a chart of the project" : "Helm values"} chose`,
    );
  return [...new Set(found)];
}

/** Keys of Helm values about which image runs (Cilium v1.19 install/kubernetes/cilium/values.yaml), and those of whole containers. */
const imageKey = /^(override|tag|repository|suffix|image|reference)$|digest$/i;

/** A text of values about an image. */
interface ChosenText {
  readonly text: string;
  /** Whether the settings of its image were not the same before. */
  readonly isNew: boolean;
}

/** The texts of values about an image, without the tag of the chart's own version. */
function chosenTexts(before: unknown, { values, version }: ImageSource): readonly ChosenText[] {
  const old = imageSettings(before);
  return [...imageSettings(values)].flatMap(([path, settings]) => {
    const isNew = !same(settings, old.get(path));
    return Object.values(settings)
      .filter((value): value is string => typeof value === "string" && value !== "")
      .filter((value) => value !== `v${version}`)
      .map((value) => ({ text: value, isNew }));
  });
}

/** Settings of images by where they are in Helm values. */
function imageSettings(values: unknown, path = ""): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  if (!isMap(values) && !Array.isArray(values)) return new Map();
  const entries: readonly (readonly [string, unknown])[] = Object.entries(values);
  const own = entries.filter(([key, value]) => imageKey.test(key) && !isMap(value) && !Array.isArray(value));
  return new Map([
    ...(own.length === 0 ? [] : [[path, Object.fromEntries(own)] as const]),
    ...entries.flatMap(([key, value]) => [...imageSettings(value, step(path, key))]),
  ]);
}
