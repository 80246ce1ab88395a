import http from "node:http";
import https from "node:https";
import net from "node:net";
import { polled } from "../../ops/polling";

/** True when the target is ready. A probe never throws for "not yet". */
export type Probe = () => Promise<boolean>;

/** Client side of a TLS probe; without a CA the server's certificate is not checked. */
export interface ProbeTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Ready when a GET is answered 200. One try lasts two seconds at most. */
export function answers(url: string, tls: ProbeTls = {}): Probe {
  return () =>
    new Promise((resolve) => {
      const secure = url.startsWith("https:");
      const options = secure
        ? { ...tls, rejectUnauthorized: tls.ca !== undefined, timeout: 2000, agent: false as const }
        : { timeout: 2000, agent: false as const };
      const request = (secure ? https : http).get(url, options, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      request.on("timeout", () => request.destroy());
      request.on("error", () => resolve(false));
    });
}

/** Ready when a TCP connection is accepted. */
export function accepts(port: number, host = "127.0.0.1"): Probe {
  return () =>
    new Promise((resolve) => {
      const socket = net.connect({ port, host, timeout: 2000 });
      const end = (ready: boolean) => {
        socket.destroy();
        resolve(ready);
      };
      socket.on("connect", () => end(true));
      socket.on("timeout", () => end(false));
      socket.on("error", () => end(false));
    });
}

/** Ready when all are; probes them at the same time. */
export function all(...probes: readonly Probe[]): Probe {
  return async () => (await Promise.all(probes.map((probe) => probe()))).every((ready) => ready);
}

/** Repeats a probe until it succeeds; throws after the deadline, naming what was waited for. */
export async function until(what: string, probe: Probe, seconds: number, everySeconds = 0.05): Promise<void> {
  const { held } = await polled(probe, (ready) => ready, { seconds, everySeconds });
  if (!held) throw new Error(`${what}: not so after ${seconds} s`);
}
