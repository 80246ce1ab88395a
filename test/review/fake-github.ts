import http from "node:http";
import { type AddressInfo } from "node:net";

/** How the next request of a method is answered instead. */
export interface Fault {
  readonly method: string;
  readonly status: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Carry the request out all the same: only its answer is lost. */
  readonly afterwards?: true;
  /** Close the connection instead of answering. */
  readonly hangUp?: true;
}

interface Stored {
  readonly id: number;
  readonly author: string;
  body: string;
}

/** A small GitHub on loopback: comments of pull request 7 of acme/metal, pages, sizes, permissions, faults. */
export class FakeGitHub {
  /** `METHOD path?query` of every request. */
  readonly requests: string[] = [];
  readonly faults: Fault[] = [];
  comments: Stored[] = [];
  /** Whose token `right` is. */
  login = "github-actions[bot]";
  /** A workflow's token may not ask whose it is. */
  tellsLogin = false;
  /** How many comments are on a page, whatever is asked for. */
  pageSize = 100;
  /** Sends the reader of the first page there. */
  otherServer: string | undefined;
  private nextId = 1000;
  private server: http.Server | undefined;

  async start(): Promise<string> {
    const server = http.createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => this.answer(request, response, text));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.server = server;
    return this.address();
  }

  address(): string {
    return `http://127.0.0.1:${(this.server?.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server?.closeAllConnections();
    return new Promise((resolve) => this.server?.close(() => resolve()) ?? resolve());
  }

  add(author: string, body: string): number {
    const id = this.nextId++;
    this.comments.push({ id, author, body });
    return id;
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse, text: string): void {
    const { method = "", url = "" } = request;
    this.requests.push(`${method} ${url}`);
    const at = this.faults.findIndex((fault) => fault.method === method);
    const fault = at < 0 ? undefined : this.faults.splice(at, 1)[0];
    const done =
      fault === undefined || fault.afterwards === true
        ? this.carryOut(request, text)
        : { status: 0, body: {} };
    if (fault?.hangUp === true) return void request.socket.destroy();
    const {
      status,
      body,
      headers = {},
    } = fault === undefined
      ? done
      : { status: fault.status, body: { message: fault.message ?? "no" }, headers: fault.headers ?? {} };
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(status === 204 ? undefined : JSON.stringify(body));
  }

  private carryOut({ method = "", url = "", headers }: http.IncomingMessage, text: string): Reply {
    if (headers.authorization !== "Bearer right")
      return { status: 401, body: { message: "Bad credentials" } };
    const { pathname, searchParams } = new URL(url, "http://x");
    if (pathname === "/user") {
      return this.tellsLogin
        ? { status: 200, body: { login: this.login } }
        : { status: 403, body: { message: "Resource not accessible by integration" } };
    }
    if (pathname === "/repos/acme/metal/issues/7/comments") {
      return method === "POST" ? this.create(text) : this.list(Number(searchParams.get("page") ?? "1"));
    }
    const [, id] = /^\/repos\/acme\/metal\/issues\/comments\/(\d+)$/.exec(pathname) ?? [];
    const stored = this.comments.find((comment) => comment.id === Number(id));
    if (stored === undefined) return { status: 404, body: { message: "Not Found" } };
    if (stored.author !== this.login) return { status: 403, body: { message: "Must have admin rights" } };
    if (method === "DELETE") {
      this.comments = this.comments.filter((comment) => comment !== stored);
      return { status: 204, body: undefined };
    }
    const body = bodyOf(text);
    if (body === undefined) return tooLong;
    stored.body = body;
    return { status: 200, body: shown(stored) };
  }

  private create(text: string): Reply {
    const body = bodyOf(text);
    if (body === undefined) return tooLong;
    const id = this.add(this.login, body);
    const stored = this.comments.find((comment) => comment.id === id);
    return { status: 201, body: stored === undefined ? {} : shown(stored) };
  }

  private list(page: number): Reply {
    const start = (page - 1) * this.pageSize;
    const more = start + this.pageSize < this.comments.length;
    const next = `${this.otherServer ?? this.address()}/repos/acme/metal/issues/7/comments?page=${page + 1}`;
    return {
      status: 200,
      body: this.comments.slice(start, start + this.pageSize).map(shown),
      headers: more ? { link: `<${next}>; rel="next", <x>; rel="last"` } : {},
    };
  }
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const tooLong: Reply = {
  status: 422,
  body: { message: "Validation Failed: body is too long (maximum is 65536 characters)" },
};

function bodyOf(text: string): string | undefined {
  const { body } = JSON.parse(text) as { readonly body: string };
  return body.length > 65_536 ? undefined : body;
}

/** GitHub keeps the line ends of a form. */
function shown({ id, author, body }: Stored) {
  return {
    id,
    body: body.replaceAll("\n", "\r\n"),
    user: { login: author },
    html_url: `https://github.example/acme/metal/pull/7#issuecomment-${id}`,
  };
}
