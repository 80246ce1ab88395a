import { randomUUID } from "node:crypto";
import {
  type Api,
  ApiError,
  type ApiRequest,
  ConnectionError,
} from "../../lab/plugins/kubernetes/api-client";
import {
  asObject,
  asString,
  at,
  isObject,
  type Json,
  type JsonObject,
  same,
} from "../../lab/plugins/grpc/property-value";
import { fieldsOf, leavesOf, type ManagedEntry, pathsOf, removed, valueAt } from "./field-ownership";

/** What the server in memory serves, `apiVersion` to kinds; all of them are namespaced unless they are listed below. */
const SERVED: Readonly<Record<string, readonly (readonly [kind: string, plural: string])[]>> = {
  v1: [
    ["Namespace", "namespaces"],
    ["ConfigMap", "configmaps"],
    ["Secret", "secrets"],
    ["Service", "services"],
  ],
  "apps/v1": [
    ["DaemonSet", "daemonsets"],
    ["Deployment", "deployments"],
  ],
  "metal3.io/v1alpha1": [["BareMetalHost", "baremetalhosts"]],
  "cluster.x-k8s.io/v1beta2": [["Cluster", "clusters"]],
  "addons.cluster.x-k8s.io/v1beta2": [["ClusterResourceSet", "clusterresourcesets"]],
};
const CLUSTER_SCOPED = ["namespaces"];

/** Fields of BareMetalHost's spec in this server's schema: the type, for the ones that the tests get wrong. */
const HOST_FIELDS: Readonly<Record<string, string>> = {
  online: "boolean",
  bootMACAddress: "string",
  automatedCleaningMode: "string",
  bmc: "object",
};

interface Place {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
}

function placeOf(path: string): Place {
  const match = /^\/(?:api|apis)\/(.+?)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+?)(?:\/([^/]+))?$/.exec(path);
  const version = /^\/api\/v1/.test(path) ? "v1" : path.split("/").slice(2, 4).join("/");
  const rest = path.slice(version === "v1" ? "/api/v1/".length : `/apis/${version}/`.length).split("/");
  if (match === null) throw new Error(`no such path: ${path}`);
  const namespaced = rest[0] === "namespaces" && rest.length > 2;
  const [plural = "", name] = namespaced ? rest.slice(2) : rest;
  return {
    apiVersion: version,
    plural,
    ...(namespaced && rest[1] !== undefined ? { namespace: rest[1] } : {}),
    ...(name === undefined ? {} : { name }),
  };
}

/** An API server in memory, with as much of dry runs, server-side apply, watches and finalizers as the tests ask for. */
export class MemoryApi implements Api {
  readonly requests: ApiRequest[] = [];
  readonly namespaces = new Set(["default", "t", "base"]);
  readonly objects = new Map<string, JsonObject>();
  /** Answers the next write with this refusal. */
  refusal: ApiError | undefined;
  unreachable = false;
  readonly #watchers = new Set<(key: string, event: JsonObject) => void>();
  #version = 100;

  /** Puts an object there as it is. */
  seed(object: JsonObject): void {
    this.#store(object);
  }

  /** Changes a live object as somebody else would; undefined removes it. */
  change(kind: string, id: string, edit: (object: JsonObject) => JsonObject | undefined): void {
    for (const [key, object] of this.objects) {
      if (object["kind"] !== kind || idOf(object) !== id) continue;
      const edited = edit(structuredClone(object));
      if (edited === undefined) this.#drop(key, object);
      else this.#store(edited, "MODIFIED");
    }
  }

  request(request: ApiRequest): Promise<JsonObject> {
    this.requests.push(request);
    return Promise.resolve().then(() => {
      if (this.unreachable)
        throw new ConnectionError(
          `Get "https://127.0.0.1:1${request.path}": dial tcp 127.0.0.1:1: connect: connection refused`,
        );
      if (request.signal?.aborted === true) throw new Error("context canceled");
      return this.#answer(request);
    });
  }

  watch(request: ApiRequest, onEvent: (event: JsonObject) => boolean): Promise<void> {
    this.requests.push(request);
    const name = request.query?.["fieldSelector"]?.replace("metadata.name=", "") ?? "";
    const key = `${request.path}/${name}`;
    return new Promise((resolve) => {
      const watcher = (changed: string, event: JsonObject): void => {
        if (changed === key && onEvent(event)) end();
      };
      const end = (): void => {
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
      request.signal?.addEventListener("abort", end, { once: true });
    });
  }

  #answer(request: ApiRequest): JsonObject {
    const folder = /^\/apis?\/(v1|[^/]+\/[^/]+)$/.exec(request.path)?.[1];
    if (folder !== undefined) return this.#discovery(folder);
    const key = request.path;
    const place = placeOf(key);
    if (request.method === "GET") return this.#found(key, place);
    if (this.refusal !== undefined) {
      const refusal = this.refusal;
      this.refusal = undefined;
      throw refusal;
    }
    if (request.method === "DELETE") return this.#delete(key, place);
    if (request.contentType === "application/json-patch+json")
      return this.#patch(key, place, request.body ?? null);
    return this.#write(request, place);
  }

  #discovery(apiVersion: string): JsonObject {
    const kinds = SERVED[apiVersion];
    if (kinds === undefined)
      throw new ApiError(404, "NotFound", "the server could not find the requested resource");
    return {
      resources: kinds.map(([kind, name]) => ({ kind, name, namespaced: !CLUSTER_SCOPED.includes(name) })),
    };
  }

  #found(key: string, place: Place): JsonObject {
    const object = this.objects.get(key);
    if (object === undefined)
      throw new ApiError(404, "NotFound", `${resource(place)} "${place.name ?? ""}" not found`);
    return structuredClone(object);
  }

  #write(request: ApiRequest, place: Place): JsonObject {
    const body = structuredClone(asObject(request.body));
    const metadata = asObject(body["metadata"]);
    const namespaced = !CLUSTER_SCOPED.includes(place.plural);
    if (namespaced && place.namespace !== undefined) metadata["namespace"] = place.namespace;
    if (namespaced && !this.namespaces.has(place.namespace ?? "default")) {
      throw new ApiError(404, "NotFound", `namespaces "${place.namespace ?? ""}" not found`);
    }
    body["metadata"] = metadata;
    const name = asString(metadata["name"]) ?? "";
    const isApply = request.method === "PATCH";
    const key = isApply ? request.path : `${request.path}/${name}`;
    const live = this.objects.get(key);
    if (!isApply && live !== undefined) {
      throw new ApiError(409, "AlreadyExists", `${resource(place)} "${name}" already exists`);
    }
    const manager = request.query?.["fieldManager"] ?? "";
    const written = isApply
      ? this.#applied(live, typed(body), manager, request.query?.["force"] === "true")
      : this.#created(pruned(body), manager);
    return structuredClone(
      request.query?.["dryRun"] === "All"
        ? written
        : this.#store(written, live === undefined ? "ADDED" : "MODIFIED"),
    );
  }

  #created(body: JsonObject, manager: string): JsonObject {
    const full = withDefaults(body);
    const entry: ManagedEntry = {
      manager,
      operation: "Update",
      apiVersion: asString(body["apiVersion"]) ?? "",
      fieldsV1: fieldsOf(leavesOf(full)),
    };
    return withServerMetadata(full, undefined, [entry], String(this.#version));
  }

  #applied(live: JsonObject | undefined, body: JsonObject, manager: string, force: boolean): JsonObject {
    const entries = managedOf(live);
    const paths = leavesOf(body);
    const isOurs = (entry: ManagedEntry): boolean => entry.manager === manager && entry.operation === "Apply";
    const ours = entries.find(isOurs);
    const others = entries.filter((entry) => !isOurs(entry));
    const contested = others.flatMap((entry) =>
      paths
        .filter((path) => owns(entry, path) && !same(valueAt(live, path), valueAt(body, path)))
        .map((path) => ({ entry, path })),
    );
    const first = contested[0];
    if (first !== undefined && !force) {
      const { entry, path } = first;
      const using = entry.operation === "Update" ? ` using ${entry.apiVersion}` : "";
      throw new ApiError(
        409,
        "Conflict",
        `Apply failed with 1 conflict: conflict with "${entry.manager}"${using}: .${path.join(".")}`,
      );
    }
    const lost = (ours === undefined ? [] : pathsOf(ours.fieldsV1)).filter(
      (path) => valueAt(body, path) === undefined && !others.some((entry) => owns(entry, path)),
    );
    const merged = withDefaults(merge(lost.reduce(removed, live ?? {}), body));
    const kept = others
      .map((entry) => ({
        ...entry,
        fieldsV1: fieldsOf(
          pathsOf(entry.fieldsV1).filter(
            (path) => !contested.some((of) => of.entry === entry && same(of.path, path)),
          ),
        ),
      }))
      .filter((entry) => Object.keys(entry.fieldsV1).length > 0);
    const entry: ManagedEntry = {
      manager,
      operation: "Apply",
      apiVersion: asString(body["apiVersion"]) ?? "",
      fieldsV1: fieldsOf(paths),
    };
    return withServerMetadata(merged, live, [entry, ...kept], String(this.#version));
  }

  #patch(key: string, place: Place, operations: Json): JsonObject {
    const object = this.#found(key, place);
    const metadata = asObject(object["metadata"]);
    for (const operation of Array.isArray(operations) ? operations : []) {
      const value = at(operation, "value") ?? null;
      if (at(operation, "path") === "/metadata/managedFields") metadata["managedFields"] = value;
      else if (value !== metadata["resourceVersion"])
        throw new ApiError(409, "Conflict", "the object has been modified");
    }
    return this.#store({ ...object, metadata }, "MODIFIED");
  }

  #delete(key: string, place: Place): JsonObject {
    const object = this.#found(key, place);
    const metadata = asObject(object["metadata"]);
    const finalizers = metadata["finalizers"];
    if (Array.isArray(finalizers) && finalizers.length > 0) {
      return this.#store(
        { ...object, metadata: { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } },
        "MODIFIED",
      );
    }
    this.#drop(key, object);
    return {};
  }

  #drop(key: string, object: JsonObject): void {
    this.objects.delete(key);
    for (const watcher of [...this.#watchers]) watcher(key, { type: "DELETED", object });
  }

  #store(object: JsonObject, type = "ADDED"): JsonObject {
    const stored = {
      ...object,
      metadata: { ...asObject(object["metadata"]), resourceVersion: String(++this.#version) },
    };
    const key = this.#keyOf(stored);
    this.objects.set(key, stored);
    for (const watcher of [...this.#watchers]) watcher(key, { type, object: structuredClone(stored) });
    return stored;
  }

  #keyOf(object: JsonObject): string {
    const apiVersion = asString(object["apiVersion"]) ?? "";
    const plural = SERVED[apiVersion]?.find(([kind]) => kind === object["kind"])?.[1] ?? "";
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const namespace = CLUSTER_SCOPED.includes(plural)
      ? ""
      : `/namespaces/${asString(at(object, "metadata", "namespace")) ?? "default"}`;
    return `${root}${namespace}/${plural}/${asString(at(object, "metadata", "name")) ?? ""}`;
  }
}

function resource({ apiVersion, plural }: Place): string {
  return apiVersion.includes("/") ? `${plural}.${apiVersion.split("/")[0] ?? ""}` : plural;
}

function idOf(object: JsonObject): string {
  const { name, namespace } = asObject(object["metadata"]);
  return namespace === undefined ? String(name) : `${String(namespace)}/${String(name)}`;
}

function owns(entry: ManagedEntry, path: readonly string[]): boolean {
  return pathsOf(entry.fieldsV1).some((owned) => same([...owned], [...path]));
}

function managedOf(live: JsonObject | undefined): ManagedEntry[] {
  const managed = at(live, "metadata", "managedFields");
  return (Array.isArray(managed) ? managed : []) as unknown as ManagedEntry[];
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const merged = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return merged;
}

/** Unknown fields of a host are dropped on create, as a CRD without strict validation does. */
function pruned(body: JsonObject): JsonObject {
  if (body["kind"] !== "BareMetalHost") return body;
  const spec = Object.entries(asObject(body["spec"])).filter(([key]) => HOST_FIELDS[key] !== undefined);
  return { ...body, spec: Object.fromEntries(spec) };
}

/** An apply of a host with a field that the schema does not know, or of another type, is refused. */
function typed(body: JsonObject): JsonObject {
  if (body["kind"] !== "BareMetalHost") return body;
  const { apiVersion, metadata } = body;
  const where = `failed to create typed patch object (${idOf(body)}; ${String(apiVersion)}, Kind=BareMetalHost): `;
  for (const [key, value] of Object.entries(asObject(body["spec"]))) {
    const type = HOST_FIELDS[key];
    if (type === undefined) throw new ApiError(500, "", `${where}.spec.${key}: field not declared in schema`);
    if (typeof value !== type)
      throw new ApiError(500, "", `${where}.spec.${key}: expected ${type}, got &{${String(value)}}`);
  }
  return { ...body, metadata: metadata ?? {} };
}

function withDefaults(object: JsonObject): JsonObject {
  if (object["kind"] === "Secret") return { type: "Opaque", ...object };
  if (object["kind"] === "Namespace")
    return { ...object, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } };
  if (object["kind"] !== "BareMetalHost") return object;
  return { ...object, spec: { automatedCleaningMode: "metadata", ...asObject(object["spec"]) } };
}

const CORE_KINDS = ["ConfigMap", "Secret", "Namespace", "Service"];

function withServerMetadata(
  object: JsonObject,
  live: JsonObject | undefined,
  managed: ManagedEntry[],
  version: string,
): JsonObject {
  const before = asObject(at(live, "metadata"));
  const generation = typeof before["generation"] === "number" ? before["generation"] : 0;
  const changed = live === undefined || !same(live["spec"], object["spec"]);
  return {
    ...object,
    metadata: {
      ...asObject(object["metadata"]),
      uid: before["uid"] ?? randomUUID(),
      creationTimestamp: before["creationTimestamp"] ?? "2026-01-01T00:00:00Z",
      resourceVersion: before["resourceVersion"] ?? version,
      ...(CORE_KINDS.includes(String(object["kind"])) ? {} : { generation: generation + (changed ? 1 : 0) }),
      managedFields: managed as unknown as Json,
    },
  };
}
