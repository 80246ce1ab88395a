import http from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type Connection } from "./connection";
import {
  type KubernetesObject,
  type ResourceType,
  field,
  list,
  resourcePath,
  text,
} from "../../model/kubernetes/object";
import type { KindOf } from "../../model/kubernetes/resources";
import { beginningOf } from "../../model/redaction/shown";

/** An answer of the API server other than success; `status` is the HTTP code, `reason` the Status reason. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly body: unknown,
  ) {
    super(message);
  }
}

/** The API server did not answer: refused, timed out, broke off, or its certificate is not trusted. */
export class UnreachableError extends Error {}

/** One page-less list: the items, and the version from which a watch goes on. */
export interface ObjectList<Kind> {
  readonly items: readonly Kind[];
  readonly resourceVersion: string;
}

/** Query parameters of a request. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a single request may say beside method and path. */
export interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
  /** What the answer may be; JSON by default. */
  readonly accept?: string;
  /** Whole-request deadline; 30 s by default. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

/** Server-side apply: who we are, and how strict. */
export interface ApplyOptions {
  readonly fieldManager: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly strict?: boolean;
}

/** A thin client of one API server: what a controller or a check needs, with a deadline on each request. */
export class KubernetesApi {
  constructor(readonly connection: Connection) {}

  /** Opens a context of a kubeconfig's text. */
  static async open(kubeconfig: string, context?: string): Promise<KubernetesApi> {
    return new KubernetesApi(await connect(kubeconfig, context));
  }

  /** The object, or undefined when it (or its kind) is not there. */
  async get<Kind extends string>(
    type: ResourceType<Kind>,
    name: string,
    namespace?: string,
  ): Promise<KindOf<Kind> | undefined> {
    return (await this.requestIfFound("GET", resourcePath(type, namespace, name))) as
      KindOf<Kind> | undefined;
  }

  /** All objects of a kind, in one namespace or in all. List items get the apiVersion and kind the API leaves out. */
  async list<Kind extends string>(
    type: ResourceType<Kind>,
    namespace?: string,
    query: Query = {},
  ): Promise<ObjectList<KindOf<Kind>>> {
    const answer = await this.request("GET", resourcePath(type, namespace), { query });
    const { apiVersion, kind } = type;
    return {
      items: list(answer, "items").map(
        (item) => ({ ...(item as object), apiVersion, kind }) as unknown as KindOf<Kind>,
      ),
      resourceVersion: text(answer, "metadata", "resourceVersion") ?? "",
    };
  }

  /** Like {@link list}, but each object's metadata alone: no large specs, no values of Secrets. */
  async listMetadata<Kind extends string>(
    type: ResourceType<Kind>,
    namespace?: string,
  ): Promise<readonly KindOf<Kind>[]> {
    const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    const answer = await this.request("GET", resourcePath(type, namespace), { accept });
    return list(answer, "items").map(
      (item) =>
        ({
          metadata: field(item, "metadata"),
          apiVersion: type.apiVersion,
          kind: type.kind,
        }) as unknown as KindOf<Kind>,
    );
  }

  /** POST; with `dryRun` nothing is stored, with `strict` an unknown field is an error. */
  async create(
    type: ResourceType,
    object: unknown,
    options: { readonly dryRun?: boolean; readonly strict?: boolean } = {},
  ): Promise<KubernetesObject> {
    const query = {
      dryRun: options.dryRun === true ? "All" : undefined,
      fieldValidation: options.strict === true ? "Strict" : undefined,
    };
    const path = resourcePath(type, text(object, "metadata", "namespace"));
    return (await this.request("POST", path, { body: object, query })) as KubernetesObject;
  }

  /** Server-side apply of a whole object. */
  async apply(type: ResourceType, object: unknown, options: ApplyOptions): Promise<KubernetesObject> {
    const path = resourcePath(type, text(object, "metadata", "namespace"), text(object, "metadata", "name"));
    return (await this.request("PATCH", path, {
      body: object,
      contentType: "application/apply-patch+yaml",
      query: {
        fieldManager: options.fieldManager,
        force: options.force === true ? true : undefined,
        dryRun: options.dryRun === true ? "All" : undefined,
        fieldValidation: options.strict === true ? "Strict" : undefined,
      },
    })) as KubernetesObject;
  }

  /** JSON merge patch of an object, or of its `status` subresource. Lists are replaced whole. */
  async mergePatch(
    type: ResourceType,
    name: string,
    namespace: string | undefined,
    patch: unknown,
    subresource?: "status",
  ): Promise<KubernetesObject> {
    const path = resourcePath(type, namespace, name) + (subresource === undefined ? "" : `/${subresource}`);
    const options = { body: patch, contentType: "application/merge-patch+json" };
    return (await this.request("PATCH", path, options)) as KubernetesObject;
  }

  /** Deletes; an object that is already gone is fine. With a `uid` only that very object, not a namesake. */
  async delete(
    type: ResourceType,
    name: string,
    namespace?: string,
    propagationPolicy: "Background" | "Foreground" | "Orphan" = "Background",
    uid?: string,
  ): Promise<void> {
    try {
      await this.request("DELETE", resourcePath(type, namespace, name), {
        body: {
          kind: "DeleteOptions",
          apiVersion: "v1",
          propagationPolicy,
          ...(uid === undefined ? {} : { preconditions: { uid } }),
        },
      });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  /** All kinds of one API version, asked from discovery; none when the version is not served. */
  async served(apiVersion: string): Promise<readonly ResourceType[]> {
    const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return list(await this.requestIfFound("GET", path), "resources").flatMap((entry) => {
      const kind = text(entry, "kind");
      const plural = text(entry, "name");
      // A name with a slash is a subresource.
      if (kind === undefined || plural === undefined || plural.includes("/")) return [];
      return [{ apiVersion, kind, plural, namespaced: field(entry, "namespaced") === true }];
    });
  }

  /** Where a kind is served; undefined when it is not. */
  async discover(apiVersion: string, kind: string): Promise<ResourceType | undefined> {
    return (await this.served(apiVersion)).find((type) => type.kind === kind);
  }

  /**
   * One request with a deadline; JSON in and out (a non-JSON answer comes back as text). A server that asks for patience,
   * as it does for a kind that it has just begun to serve, gets it. Throws ApiError or UnreachableError.
   */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<unknown> {
    const seconds = options.timeoutSeconds ?? 30;
    const deadline = AbortSignal.timeout(seconds * 1000);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    try {
      for (;;) {
        const response = await this.send(method, path, options, signal);
        const body = await bodyOf(response);
        const again = retryAfterSeconds(response);
        if (again === undefined || again >= seconds) return answerOf(response.statusCode ?? 0, body);
        await sleep(again * 1000, undefined, { signal });
      }
    } catch (error) {
      if (error instanceof ApiError) throw error;
      if (deadline.aborted) {
        throw new UnreachableError(`${this.connection.server} did not answer within ${seconds} s`);
      }
      throw new UnreachableError(`${this.connection.server}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Like {@link request}; undefined when the answer is "not found". */
  async requestIfFound(method: string, path: string, options: RequestOptions = {}): Promise<unknown> {
    try {
      return await this.request(method, path, options);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Sends a request and resolves with the response's head; the caller reads the body. */
  async send(
    method: string,
    path: string,
    options: RequestOptions,
    signal: AbortSignal,
  ): Promise<http.IncomingMessage> {
    const url = new URL(this.connection.server.replace(/\/$/, "") + path);
    for (const [key, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers = {
      accept: options.accept ?? "application/json",
      ...(body === undefined
        ? {}
        : {
            "content-type": options.contentType ?? "application/json",
            "content-length": String(Buffer.byteLength(body)),
          }),
      ...(await this.connection.headers()),
    };
    return new Promise((resolve, reject) => {
      const secure = url.protocol === "https:";
      const request = (secure ? https : http).request(
        url,
        { method, headers, signal, ...(secure ? { agent: this.connection.agent } : {}) },
        resolve,
      );
      request.on("error", reject);
      request.end(body);
    });
  }

  /** Closes idle connections. */
  close(): void {
    this.connection.agent.destroy();
  }
}

/** How long a busy server wants to be left alone; undefined when the answer is an answer. */
function retryAfterSeconds({ statusCode, headers }: http.IncomingMessage): number | undefined {
  const wanted = Number(headers["retry-after"] ?? NaN);
  return (statusCode === 429 || statusCode === 503) && wanted >= 0 ? wanted : undefined;
}

async function bodyOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function answerOf(status: number, body: string): unknown {
  const parsed = parseIfJson(body);
  if (status >= 200 && status < 300) return parsed;
  throw new ApiError(
    status,
    text(parsed, "reason") ?? "",
    text(parsed, "message") ?? `the API server answered ${status}: ${beginningOf(body, 200)}`,
    parsed,
  );
}

function parseIfJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
