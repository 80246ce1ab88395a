import { asString, at, type Json, type JsonObject } from "../grpc/property-value";
import { type Api, ApiError } from "./api-client";

/** An object's kind as it is written in manifests: `v1`, `apps/v1`. */
export interface GroupVersionKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Where the API server serves a kind. */
export interface ServedKind extends GroupVersionKind {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The API server serves no such kind: the text is client-go's. */
export class NoSuchKind extends Error {
  constructor({ apiVersion, kind }: GroupVersionKind) {
    super(`no matches for kind "${kind}" in version "${apiVersion}"`);
  }
}

/** The kind of an object with `apiVersion` and `kind`. */
export function kindOf(object: JsonObject): GroupVersionKind {
  return { apiVersion: asString(object["apiVersion"]) ?? "", kind: asString(object["kind"]) ?? "" };
}

/** The kind in a URN's type `kubernetes:<group>/<version>:<Kind>`, where the core group is spelled `core`. */
export function kindOfUrn(urn: string): GroupVersionKind {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const [, version = "", kind = ""] = type.split(":");
  return { apiVersion: version.replace(/^core\//, ""), kind };
}

function folderOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function served(apiVersion: string, list: JsonObject): ServedKind[] {
  const resources: readonly Json[] = Array.isArray(list["resources"]) ? list["resources"] : [];
  return resources.flatMap((resource) => {
    const plural = asString(at(resource, "name")) ?? "";
    const kind = asString(at(resource, "kind")) ?? "";
    return plural.includes("/")
      ? []
      : [{ apiVersion, kind, plural, namespaced: at(resource, "namespaced") === true }];
  });
}

/** What the API server serves, asked once per group version and again when a kind is missing (a CRD may be new). */
export class Kinds {
  readonly #known = new Map<string, Promise<ServedKind[]>>();

  constructor(readonly api: Api) {}

  /** The served kind. Throws {@link NoSuchKind}. */
  async find(wanted: GroupVersionKind): Promise<ServedKind> {
    const cached = this.#known.has(wanted.apiVersion);
    const found = (await this.#list(wanted.apiVersion)).find(({ kind }) => kind === wanted.kind);
    if (found !== undefined) return found;
    this.#known.delete(wanted.apiVersion);
    if (cached) return this.find(wanted);
    throw new NoSuchKind(wanted);
  }

  #list(apiVersion: string): Promise<ServedKind[]> {
    const known = this.#known.get(apiVersion);
    if (known !== undefined) return known;
    const asked = this.api.request({ method: "GET", path: folderOf(apiVersion) }).then(
      (list) => served(apiVersion, list),
      (error: unknown) => {
        this.#known.delete(apiVersion);
        if (error instanceof ApiError && error.status === 404) return [];
        throw error;
      },
    );
    this.#known.set(apiVersion, asked);
    return asked;
  }
}

/** The URL path of a collection, or of one object in it; the namespace counts only for namespaced kinds. */
export function pathOf(kind: ServedKind, namespace: string | undefined, name?: string): string {
  const scope = kind.namespaced ? `/namespaces/${namespace ?? "default"}` : "";
  return `${folderOf(kind.apiVersion)}${scope}/${kind.plural}${name === undefined ? "" : `/${name}`}`;
}

/** The name in an object's metadata; empty when it has none. */
export function nameOf(object: JsonObject): string {
  return asString(at(object, "metadata", "name")) ?? "";
}

/** The namespace in an object's metadata. */
export function namespaceOf(object: JsonObject): string | undefined {
  return asString(at(object, "metadata", "namespace"));
}

/** A resource's Pulumi id: `namespace/name`, or `name` when there is no namespace. */
export function idOf(object: JsonObject): string {
  const namespace = namespaceOf(object);
  return namespace === undefined ? nameOf(object) : `${namespace}/${nameOf(object)}`;
}

/** The parts of a Pulumi id. */
export function partsOf(id: string): { namespace?: string; name: string } {
  const slash = id.indexOf("/");
  return slash < 0 ? { name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** An annotation's value. */
export function annotation(object: JsonObject, name: string): string | undefined {
  return asString(at(object, "metadata", "annotations", name));
}

/** Group versions of Kubernetes itself: their objects come back normalised, those of CRDs as they were sent. */
export function isBuiltIn(apiVersion: string): boolean {
  const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
  return !group.includes(".") || (group.endsWith(".k8s.io") && !/x-k8s\.io$/.test(group));
}
