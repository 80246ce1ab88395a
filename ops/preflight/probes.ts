import https from "node:https";
import net from "node:net";
import type { UrlAnswer } from "../../model/live/preflight/image";
import type { ProbeOutcome } from "../../model/live/preflight/reach";

/** Opens a TCP connection and closes it without sending data. */
export function probeTcp(host: string, port: number, timeoutSeconds: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const end = (outcome: ProbeOutcome) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end("silence"), timeoutSeconds * 1000);
    socket.on("connect", () => end("accepted"));
    socket.on("error", (error: NodeJS.ErrnoException) => end(meaning(error.code)));
  });
}

/**
 * Reads the version of an API server, anonymously and without trusting its certificate. Only an API server's response counts
 * as an answer: in front of some networks a proxy accepts every connection, TLS included.
 */
export function probeApiServer(host: string, port: number, timeoutSeconds: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    let connected = false;
    let body = "";
    const request = https.get(
      { host, port, path: "/version", rejectUnauthorized: false, agent: false },
      (response) => {
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body = (body + chunk).slice(0, 10_000)));
        response.on("close", () => end(isApiServer(body) ? "accepted" : "strange"));
      },
    );
    const end = (outcome: ProbeOutcome) => {
      clearTimeout(timer);
      request.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end(connected ? "strange" : "silence"), timeoutSeconds * 1000);
    request.on("socket", (socket) => socket.on("connect", () => (connected = true)));
    request.on("error", (error: NodeJS.ErrnoException) => end(connected ? "strange" : meaning(error.code)));
  });
}

/** The server reports its version, or refuses with a Kubernetes Status. */
function isApiServer(body: string): boolean {
  return /"gitVersion"\s*:/.test(body) || /"kind"\s*:\s*"Status"/.test(body);
}

function meaning(code: string | undefined): ProbeOutcome {
  if (code === "ECONNREFUSED" || code === "ECONNRESET") return "refused";
  // No host answers ARP or neighbour discovery for the address, which is the same as a timeout.
  if (code === "EHOSTUNREACH" || code === "ETIMEDOUT") return "silence";
  return "no route";
}

const seconds = 5;
/** A checksum file has a few lines; a larger file is not one. */
const mostBytes = 1_000_000;

/** Sends a HEAD request. */
export async function headOf(url: string): Promise<UrlAnswer> {
  const response = await fetched(url, "HEAD");
  if ("failure" in response) return response;
  const length = response.headers.get("content-length");
  return { status: response.status, ...(length === null ? {} : { bytes: Number(length) }) };
}

/** The content of a small text file, or the response if it is not available. */
export async function fetchText(url: string): Promise<string | UrlAnswer> {
  const response = await fetched(url, "GET");
  if ("failure" in response) return response;
  if (!response.ok) return { status: response.status };
  if (Number(response.headers.get("content-length") ?? 0) > mostBytes) {
    await response.body?.cancel();
    return { failure: "the file is larger than 1 MB, which no checksum file is" };
  }
  return (await response.text()).slice(0, mostBytes);
}

async function fetched(
  url: string,
  method: "HEAD" | "GET",
): Promise<Response | { readonly failure: string }> {
  try {
    return await fetch(url, { method, signal: AbortSignal.timeout(seconds * 1000) });
  } catch (error) {
    const { cause, message, name } = error as Error & { cause?: { code?: string; message?: string } };
    if (name === "TimeoutError") return { failure: `no answer within ${seconds} s` };
    return { failure: cause?.code ?? cause?.message ?? message };
  }
}
