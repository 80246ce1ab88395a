import fs from "node:fs";
import https from "node:https";
import { issue, type KeyPair } from "../../../lab/processes/pki";

/** The port that our nodes say their kubelets have. */
export const KUBELET_PORT = 10250;

/** As much of a kubelet as `kubectl logs` needs: it serves files as the logs of pods, for all nodes at once. */
export class LogServer {
  private readonly files = new Map<string, string>();
  private server: https.Server | undefined;

  show(pod: string, file: string): void {
    this.files.set(pod, file);
  }

  async start(authority: KeyPair): Promise<void> {
    const { cert, key } = await issue(authority, { commonName: "kubelet", names: ["localhost"] });
    const server = https.createServer({ cert, key }, (request, response) => {
      const url = new URL(request.url ?? "", "https://kubelet");
      const pod = /^\/containerLogs\/[^/]+\/([^/]+)\//.exec(url.pathname)?.[1] ?? "";
      const file = this.files.get(pod);
      response.writeHead(file === undefined ? 404 : 200, { "content-type": "text/plain" });
      const seconds = Number(url.searchParams.get("sinceSeconds") ?? Infinity);
      response.end(file === undefined ? "" : linesSince(file, Date.now() - seconds * 1000));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(KUBELET_PORT, "0.0.0.0", resolve));
  }

  stop(): void {
    this.server?.close();
  }
}

/** What was written to a container's log after a moment: each line begins with its time and stream, which are not shown. */
function linesSince(file: string, since: number): string {
  return fs
    .readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, time = "", message = ""] = /^(\S+) std(?:out|err) F (.*)$/.exec(line) ?? [];
      return Date.parse(time) >= since ? [message] : [];
    })
    .join("\n");
}
