import http from "node:http";
import https from "node:https";
import { at, asString, type Json, type JsonObject } from "../grpc/property-value";
import type { Connection } from "./kubeconfig";

/** An answer of the API server that is not a success: `reason` is the Status object's. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** The API server could not be asked at all; the message is worded as Go's HTTP client words it. */
export class ConnectionError extends Error {}

/** A request to the API server: `query` values are encoded, `body` is sent as JSON. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** What the provider needs of an API server; tests put a server in memory behind it. */
export interface Api {
  /** The JSON answer. Throws {@link ApiError} or {@link ConnectionError}. */
  request(request: ApiRequest): Promise<JsonObject>;
  /** Calls `onEvent` for every watch event until the server ends the stream, `onEvent` returns true, or abort. */
  watch(request: ApiRequest, onEvent: (event: JsonObject) => boolean): Promise<void>;
}

/** The path and query of a request as they go over the wire. */
export function target(request: ApiRequest): string {
  const query = new URLSearchParams({ ...request.query }).toString();
  return query === "" ? request.path : `${request.path}?${query}`;
}

const METHOD_NAMES = { GET: "Get", POST: "Post", PATCH: "Patch", DELETE: "Delete" } as const;

function dialError(
  error: NodeJS.ErrnoException,
  request: ApiRequest,
  url: string,
  connection: Connection,
): ConnectionError {
  const { hostname, port } = new URL(connection.server);
  const causes: Readonly<Record<string, string>> = {
    ECONNREFUSED: `dial tcp ${hostname}:${port || "443"}: connect: connection refused`,
    EHOSTUNREACH: `dial tcp ${hostname}:${port || "443"}: connect: no route to host`,
    ENETUNREACH: `dial tcp ${hostname}:${port || "443"}: connect: network is unreachable`,
    ETIMEDOUT: `dial tcp ${hostname}:${port || "443"}: i/o timeout`,
    ENOTFOUND: `dial tcp: lookup ${hostname}: no such host`,
    ECONNRESET: "EOF",
  };
  return new ConnectionError(
    `${METHOD_NAMES[request.method]} "${url}": ${causes[error.code ?? ""] ?? error.message}`,
  );
}

/** The error of a Status object, or of a body that is none. */
function apiError(status: number, text: string): ApiError {
  if (status === 401) {
    return new ApiError(status, "Unauthorized", "the server has asked for the client to provide credentials");
  }
  try {
    const body = JSON.parse(text) as Json;
    return new ApiError(status, asString(at(body, "reason")) ?? "", asString(at(body, "message")) ?? text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new ApiError(status, "", text.trim() === "" ? `the server answered ${status}` : text.trim());
  }
}

/** A client over kept-alive connections; no request is longer than `REQUEST_TIMEOUT_MS` except a watch. */
export class ApiClient implements Api {
  readonly #agent: http.Agent;
  readonly #transport: typeof https | typeof http;

  constructor(readonly connection: Connection) {
    const { ca, cert, key, insecure, tlsServerName } = connection;
    const plain = connection.server.startsWith("http:");
    this.#transport = plain ? http : https;
    const options = { keepAlive: true, maxSockets: 64 };
    this.#agent = plain
      ? new http.Agent(options)
      : new https.Agent({
          ...options,
          rejectUnauthorized: insecure !== true,
          ...(ca === undefined ? {} : { ca }),
          ...(cert === undefined ? {} : { cert }),
          ...(key === undefined ? {} : { key }),
          ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
        });
  }

  async request(request: ApiRequest): Promise<JsonObject> {
    const response = await this.#send(request, REQUEST_TIMEOUT_MS);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw apiError(status, text);
    return JSON.parse(text) as JsonObject;
  }

  async watch(request: ApiRequest, onEvent: (event: JsonObject) => boolean): Promise<void> {
    const response = await this.#send({ ...request, query: { ...request.query, watch: "true" } }, undefined);
    const status = response.statusCode ?? 0;
    response.setEncoding("utf8");
    let pending = "";
    for await (const chunk of response) {
      const lines = (pending + String(chunk)).split("\n");
      pending = lines.pop() ?? "";
      if (status !== 200) continue;
      // Leaving the loop destroys the response and with it the watch.
      if (lines.some((line) => line !== "" && onEvent(JSON.parse(line) as JsonObject))) return;
    }
    if (status !== 200) throw apiError(status, pending);
  }

  #send(request: ApiRequest, timeoutMs: number | undefined, retried = false): Promise<http.IncomingMessage> {
    const url = this.connection.server + target(request);
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const { promise, resolve, reject } = deferred<http.IncomingMessage>();
    const sent = this.#transport.request(
      url,
      {
        method: request.method,
        agent: this.#agent,
        headers: {
          accept: "application/json",
          "user-agent": "pulumi-resource-kubernetes/4.32.0 (stand-in)",
          ...(this.connection.token === undefined
            ? {}
            : { authorization: `Bearer ${this.connection.token}` }),
          ...(body === undefined
            ? {}
            : { "content-type": request.contentType ?? "application/json", "content-length": body.length }),
        },
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      },
      resolve,
    );
    if (timeoutMs !== undefined) {
      sent.setTimeout(timeoutMs, () =>
        sent.destroy(Object.assign(new Error("timeout"), { code: "ETIMEDOUT" })),
      );
    }
    sent.on("error", (error: NodeJS.ErrnoException) => {
      // A kept-alive connection may have been closed by a server that restarted: the request never arrived.
      if (sent.reusedSocket && error.code === "ECONNRESET" && !retried) {
        this.#send(request, timeoutMs, true).then(resolve, reject);
      } else {
        reject(
          request.signal?.aborted === true
            ? new Error("context canceled")
            : dialError(error, request, url, this.connection),
        );
      }
    });
    sent.end(body);
    return promise;
  }
}

const REQUEST_TIMEOUT_MS = 32_000;

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject };
}
