import { type ExecFileException, execFile } from "node:child_process";

/** One HTTP request over TCP. */
export interface TcpRequest {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers?: readonly string[];
  readonly seconds: number;
}

/** What came back; `why` where nothing did. */
export type TcpAnswer =
  | { readonly kind: "answer"; readonly status: number; readonly body: string }
  | { readonly kind: "none"; readonly why: string };

/**
 * bash is the one client of TCP that every distribution has. Without `--norc` it reads ~/.bashrc where its input is a socket, as Node's
 * pipes are, and it is the first shell: a probe then takes as long as that.
 */
const script = 'exec 3<>"/dev/tcp/$0/$1" && printf %s "$2" >&3 && cat <&3';

/** Sends a request from a network: `on` makes the command that runs another one there. */
export function requestFrom(
  on: (argv: readonly string[]) => readonly string[],
  { host, port, path, headers = [], seconds }: TcpRequest,
): Promise<TcpAnswer> {
  const lines = [`GET ${path} HTTP/1.0`, `Host: ${host}`, ...headers, "", ""];
  // Inside: what enters a process namespace has children, which a signal from here would leave running.
  const limit = ["timeout", "--signal=KILL", String(seconds)];
  const argv = on([...limit, "bash", "--norc", "-c", script, host, String(port), lines.join("\r\n")]);
  const [command = "", ...args] = argv;
  return new Promise((resolve) => {
    execFile(command, args, (error, stdout, stderr) => {
      const status = /^HTTP\/\S+ (\d{3})/.exec(stdout)?.[1];
      const [, body = ""] = stdout.split("\r\n\r\n");
      if (status !== undefined) resolve({ kind: "answer", status: Number(status), body });
      else if (error !== null && endedByLimit(error))
        resolve({ kind: "none", why: `no answer after ${seconds} s` });
      else
        resolve({
          kind: "none",
          why: /(Connection refused|No route to host|[A-Z][^:]+)\s*$/m.exec(stderr)?.[1] ?? "no answer",
        });
    });
  });
}

/** `timeout` ends by the signal itself; where it runs in a process namespace, its parent reports 128 + SIGKILL. */
function endedByLimit({ code, signal }: ExecFileException): boolean {
  return signal === "SIGKILL" || code === 137;
}
