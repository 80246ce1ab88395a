import type { UrlAnswer } from "../../model/live/preflight/image";

const seconds = 5;
/** A checksum file is a few lines; what is larger is none. */
const mostBytes = 1_000_000;

/** Asks for a URL's head only. */
export async function headOf(url: string): Promise<UrlAnswer> {
  const response = await asked(url, "HEAD");
  if ("failure" in response) return response;
  const length = response.headers.get("content-length");
  return { status: response.status, ...(length === null ? {} : { bytes: Number(length) }) };
}

/** A small text file, or the answer when it is not there. */
export async function fetchText(url: string): Promise<string | UrlAnswer> {
  const response = await asked(url, "GET");
  if ("failure" in response) return response;
  if (!response.ok) return { status: response.status };
  if (Number(response.headers.get("content-length") ?? 0) > mostBytes) {
    await response.body?.cancel();
    return { failure: "the file is larger than 1 MB, which no checksum file is" };
  }
  return (await response.text()).slice(0, mostBytes);
}

async function asked(url: string, method: "HEAD" | "GET"): Promise<Response | { readonly failure: string }> {
  try {
    return await fetch(url, { method, signal: AbortSignal.timeout(seconds * 1000) });
  } catch (error) {
    const { cause, message, name } = error as Error & { cause?: { code?: string; message?: string } };
    if (name === "TimeoutError") return { failure: `no answer within ${seconds} s` };
    return { failure: cause?.code ?? cause?.message ?? message };
  }
}
