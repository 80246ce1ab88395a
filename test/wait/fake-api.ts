import { type AddressInfo } from "node:net";
import http from "node:http";
import { type KubernetesObject, type ResourceType, field, resourcePath } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";

interface Change {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly path: string;
  readonly object: KubernetesObject;
}

/** How a dry run of one object is answered; 201 unless a test says otherwise. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

interface Watcher {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly response: http.ServerResponse;
}

/**
 * A small API server on loopback: discovery, lists, watches with bookmarks, selectors, expired versions, restarts, access
 * reviews, dry runs. It accepts every dry run and permits everything unless a test says otherwise; it stores nothing unless
 * it is told to.
 */
export class FakeApi {
  /** All requests, `METHOD path?query`. */
  readonly requests: string[] = [];
  /** Kinds that it knows. */
  readonly kinds: ResourceType[] = Object.values(resources);
  /** Kinds that are not served. */
  readonly unserved = new Set<string>();
  /** What the user may not do, `verb plural`. */
  readonly denied = new Set<string>();
  /** How a dry run of an object is refused, by `Kind name`. */
  readonly refusals = new Map<string, Refusal>();
  /** Whether applied objects are kept, and deleted ones removed. */
  stores = false;
  /** Lists that were answered, for tests that count them. */
  lists = 0;
  /** Whether it stores merge patches and deletes; it refuses both unless told. */
  writable = false;
  /** When set, every request is answered with this status. */
  refuse: number | undefined;
  /** What it says then. */
  refusal = "no";
  private readonly objects = new Map<
    string,
    { readonly collection: string; readonly object: KubernetesObject }
  >();
  private readonly history: Change[] = [];
  private version = 100;
  private oldest = 0;
  private watchers = new Set<Watcher>();
  private server: http.Server | undefined;
  private port = 0;

  /** Listens; again on the same port after {@link stop}. */
  async start(): Promise<this> {
    const server = http.createServer((request, response) => this.answer(request, response));
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
    return this;
  }

  /** Breaks all connections and refuses new ones. */
  async stop(): Promise<void> {
    const { server } = this;
    this.watchers.clear();
    if (server === undefined) return;
    this.server = undefined;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  /** Breaks the streams, as a load balancer does; lists work on. */
  dropWatches(): void {
    for (const watcher of this.watchers) watcher.response.destroy();
    this.watchers.clear();
  }

  /** Ends the streams and forgets their history: the next watch from an old version is told 410. */
  expire(): void {
    this.version += 1;
    this.oldest = this.version;
    for (const watcher of this.watchers) watcher.response.end();
    this.watchers.clear();
  }

  /** How many streams are open. */
  get open(): number {
    return this.watchers.size;
  }

  /** A kubeconfig for this server. */
  kubeconfig(context = "fake"): string {
    return JSON.stringify({
      "current-context": context,
      contexts: [{ name: context, context: { cluster: "fake", user: "fake" } }],
      clusters: [{ name: "fake", cluster: { server: `http://127.0.0.1:${this.port}` } }],
      users: [{ name: "fake", user: {} }],
    });
  }

  /** Creates or replaces objects, and tells the watchers. */
  put(...objects: readonly KubernetesObject[]): void {
    for (const object of objects) {
      const path = resourcePath(this.typeOf(object), object.metadata.namespace, object.metadata.name);
      this.record(this.objects.has(path) ? "MODIFIED" : "ADDED", path, object);
    }
  }

  /** Deletes an object, and tells the watchers. */
  remove(object: KubernetesObject): void {
    this.record(
      "DELETED",
      resourcePath(this.typeOf(object), object.metadata.namespace, object.metadata.name),
      object,
    );
  }

  private record(type: Change["type"], path: string, given: KubernetesObject): void {
    this.version += 1;
    const resourceVersion = given.metadata.resourceVersion ?? String(this.version);
    const object = { ...given, metadata: { ...given.metadata, resourceVersion } };
    const collection = path.slice(0, path.lastIndexOf("/"));
    if (type === "DELETED") this.objects.delete(path);
    else this.objects.set(path, { collection, object });
    const change = { version: this.version, type, path: collection, object };
    this.history.push(change);
    for (const watcher of this.watchers) send(watcher, change);
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://fake");
    this.requests.push(`${request.method ?? ""} ${url.pathname}${url.search}`);
    if (this.refuse !== undefined)
      return reply(response, this.refuse, { message: this.refusal, reason: "Forbidden" });
    if (url.pathname === "/readyz") return reply(response, 200, "ok");
    if (url.pathname === "/version") return reply(response, 200, { gitVersion: "v1.36.3" });
    if (request.method !== "GET") return void this.write(request, url, response);
    if (url.searchParams.get("watch") === "true") return this.watch(url, response);
    const kinds = this.servedAt(url.pathname).filter(({ kind }) => !this.unserved.has(kind));
    if (kinds.length > 0) {
      return reply(response, 200, { resources: kinds.map((type) => ({ ...type, name: type.plural })) });
    }
    const place = placeOf(url.pathname);
    if (place !== undefined && this.denied.has(`list ${place.plural}`)) {
      return reply(response, 403, { message: `cannot list ${place.plural}`, reason: "Forbidden" });
    }
    if (place?.name !== undefined && this.denied.has(`get ${place.plural}`)) {
      return reply(response, 403, { message: `cannot get ${place.plural}`, reason: "Forbidden" });
    }
    if (place?.name !== undefined) {
      const found = this.objects.get(url.pathname)?.object;
      return reply(response, found === undefined ? 404 : 200, found ?? { reason: "NotFound" });
    }
    this.lists += 1;
    const items = [...this.objects.values()]
      .filter((entry) => isIn(entry.collection, url.pathname) && matches(entry.object, url.searchParams))
      .map((entry) => entry.object);
    reply(response, 200, { items, metadata: { resourceVersion: String(this.version) } });
  }

  private async write(request: http.IncomingMessage, url: URL, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (url.pathname.endsWith("/selfsubjectrulesreviews")) {
      const all = [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }];
      const resourceRules = this.denied.size === 0 ? all : [];
      return reply(response, 201, { status: { incomplete: false, resourceRules } });
    }
    if (url.pathname.endsWith("/selfsubjectaccessreviews")) {
      const { verb, resource } = field(body, "spec", "resourceAttributes") as Record<string, string>;
      return reply(response, 201, { status: { allowed: !this.denied.has(`${verb} ${resource}`) } });
    }
    if (this.stores && request.method === "PATCH") {
      this.put(body as KubernetesObject);
      return reply(response, 200, body);
    }
    if (this.stores && request.method === "DELETE") {
      const found = this.objects.get(url.pathname)?.object;
      if (found !== undefined) this.remove(found);
      return reply(response, found === undefined ? 404 : 200, found ?? { reason: "NotFound" });
    }
    if (url.searchParams.get("dryRun") !== "All")
      return this.store(request.method, url.pathname, body, response);
    const { kind, metadata } = body as KubernetesObject;
    const { status, message } = this.refusals.get(`${kind} ${metadata.name}`) ?? { status: 201, message: "" };
    reply(response, status, status < 300 ? body : { message, reason: "Invalid" });
  }

  private store(
    method: string | undefined,
    path: string,
    body: unknown,
    response: http.ServerResponse,
  ): void {
    const found = this.objects.get(path.replace(/\/status$/, ""))?.object;
    if (!this.writable) return reply(response, 500, { message: "nothing is stored here" });
    if (found === undefined) return reply(response, 404, { reason: "NotFound" });
    const wanted = field(body, "preconditions", "uid") ?? field(body, "metadata", "resourceVersion");
    const { uid, resourceVersion } = found.metadata;
    if (wanted !== undefined && wanted !== uid && wanted !== resourceVersion) {
      return reply(response, 409, { message: "it is another one by now", reason: "Conflict" });
    }
    if (method === "DELETE") this.remove(found);
    else this.put(merged(found, body) as KubernetesObject);
    reply(response, 200, found);
  }

  /** The known kinds of an API version's discovery path. */
  private servedAt(path: string): readonly ResourceType[] {
    return this.kinds.filter(
      ({ apiVersion }) => path === (apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`),
    );
  }

  private typeOf(object: KubernetesObject): ResourceType {
    const type = this.kinds.find(({ kind }) => kind === object.kind);
    if (type === undefined) throw new Error(`the fake API does not know kind ${object.kind}`);
    return type;
  }

  private watch(url: URL, response: http.ServerResponse): void {
    const from = Number(url.searchParams.get("resourceVersion"));
    response.writeHead(200, { "content-type": "application/json" });
    if (from < this.oldest) {
      const object = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };
      response.end(`${JSON.stringify({ type: "ERROR", object })}\n`);
      return;
    }
    const watcher = { path: url.pathname, query: url.searchParams, response };
    const bookmark = { kind: "Bookmark", metadata: { resourceVersion: String(this.version) } };
    this.watchers.add(watcher);
    response.on("close", () => this.watchers.delete(watcher));
    for (const change of this.history) if (change.version > from) send(watcher, change);
    response.write(`${JSON.stringify({ type: "BOOKMARK", object: bookmark })}\n`);
  }
}

/** A JSON merge patch: null takes away. */
function merged(value: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(value as object) };
  for (const [key, inner] of Object.entries(patch)) {
    if (inner === null) delete result[key];
    else result[key] = merged(result[key], inner);
  }
  return result;
}

function send(watcher: Watcher, change: Change): void {
  if (change.path !== watcher.path || !matches(change.object, watcher.query)) return;
  // Real streams carry the version of the change, also where a test pinned the object's own.
  const line = { type: change.type, object: change.object };
  watcher.response.write(`${JSON.stringify(line)}\n`);
}

function reply(response: http.ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function placeOf(path: string): { readonly plural: string; readonly name?: string } | undefined {
  const match = /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+)?\/([^/]+)(?:\/([^/]+))?$/.exec(
    path,
  );
  if (match === null) return undefined;
  const [, plural = "", name] = match;
  return { plural, ...(name === undefined ? {} : { name }) };
}

/** Whether a collection is the asked one, or one namespace's part of it. */
function isIn(collection: string, asked: string): boolean {
  return collection === asked || collection.replace(/\/namespaces\/[^/]+(?=\/)/, "") === asked;
}

function matches(object: KubernetesObject, query: URLSearchParams): boolean {
  const pairs = [query.get("labelSelector"), query.get("fieldSelector")].map((selector) =>
    (selector ?? "").split(",").filter((pair) => pair !== ""),
  );
  const [labels = [], fields = []] = pairs;
  return (
    labels.every((pair) => {
      const [key = "", value] = pair.split("=");
      return object.metadata.labels?.[key] === value;
    }) &&
    fields.every((pair) => {
      const [key = "", value] = pair.split("=");
      return field(object, ...key.split(".")) === value;
    })
  );
}
