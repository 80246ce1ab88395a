import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { text } from "../../model/kubernetes/object";
import { polled } from "../../ops/polling";
import type { LabNode } from "./node";

/** What a program of Cilium needs to reach the API server, as a kubelet hands it to the pod. */
interface ServiceAccountAccess {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  /** The API server's authority, PEM. */
  readonly authority: string;
}

/** A program that reads cilium-config. */
export type CiliumProgram = "cilium-agent" | "cilium-operator-generic";

/** One start of a program of Cilium. */
export interface CiliumStart {
  readonly node: LabNode;
  readonly program: CiliumProgram;
  /** The data of cilium-config. */
  readonly settings: Readonly<Record<string, string>>;
  readonly access: ServiceAccountAccess;
  /** Where its output goes. */
  readonly log: string;
}

/** How a start ended. */
export type StartOutcome =
  | { readonly kind: "runs"; readonly seconds: number }
  /** `lastWords`: the errors that the program logged, the last one last. */
  | { readonly kind: "ended"; readonly code: number | null; readonly lastWords: readonly string[] }
  /** It did not end, and has not loaded its datapath. */
  | { readonly kind: "waits"; readonly seconds: number; readonly lastWords: readonly string[] };

const settingsFolder = "/tmp/cilium/config-map";
const accountFolder = "/run/secrets/kubernetes.io/serviceaccount";

/** Starts the program in its node as its pod does after the init containers, each setting a file. */
export function startCilium({ node, program, settings, access, log }: CiliumStart): ChildProcess {
  const write = (folder: string, files: Readonly<Record<string, string>>) => {
    fs.mkdirSync(node.file(folder), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      fs.writeFileSync(node.file(path.join(folder, name)), content, { mode: 0o600 });
    }
  };
  write(settingsFolder, settings);
  write(accountFolder, { token: access.token, "ca.crt": access.authority, namespace: "kube-system" });
  const environment = {
    K8S_NODE_NAME: node.spec.name,
    CILIUM_K8S_NAMESPACE: "kube-system",
    CILIUM_CLUSTERMESH_CONFIG: "/var/lib/cilium/clustermesh/",
    KUBERNETES_SERVICE_HOST: access.host,
    KUBERNETES_SERVICE_PORT: String(access.port),
  };
  return node.spawn([program, `--config-dir=${settingsFolder}`], environment, log);
}

/** Waits until the program works, has ended, cannot compile its datapath, or the limit has passed. */
export async function outcomeOf(
  child: ChildProcess,
  { node, program, log }: CiliumStart,
  limitSeconds: number,
): Promise<StartOutcome> {
  const works = program === "cilium-agent" ? () => datapathLoaded(node) : () => operatorWorks(log);
  const look = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return "ended";
    if (/Failed to compile/.test(fs.readFileSync(log, "utf8"))) return "stuck";
    return (await works()) ? "runs" : "waits";
  };
  const limits = { seconds: limitSeconds, everySeconds: 0.2 };
  const { reading, waitedSeconds: seconds } = await polled(look, (state) => state !== "waits", limits);
  if (reading === "ended") return { kind: "ended", code: child.exitCode, lastWords: errorsIn(log) };
  if (reading === "runs") return { kind: "runs", seconds };
  return { kind: "waits", seconds, lastWords: errorsIn(log) };
}

/** Its API answers before the programs are compiled: an endpoint is ready when they are loaded. */
async function datapathLoaded(node: LabNode): Promise<boolean> {
  const endpoints = await agentApi(node, "/v1/endpoint");
  return (
    Array.isArray(endpoints) &&
    endpoints.length > 0 &&
    endpoints.every((endpoint) => text(endpoint, "status", "state") === "ready")
  );
}

function operatorWorks(log: string): Promise<boolean> {
  return Promise.resolve(/Initialization complete/.test(fs.readFileSync(log, "utf8")));
}

/** A GET on the agent's socket; undefined while it does not answer. */
function agentApi(node: LabNode, place: string): Promise<unknown> {
  return new Promise((resolve) => {
    const socketPath = node.file("/run/cilium/cilium.sock");
    const request = http.get(
      { socketPath, path: place, host: "localhost", timeout: 2000, agent: false },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body += chunk));
        response.on("end", () => resolve(response.statusCode === 200 ? JSON.parse(body) : undefined));
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}

/** Lines of the program's log that report an error, without time and place in the source. */
function errorsIn(log: string): readonly string[] {
  const lines = fs.readFileSync(log, "utf8").split("\n");
  return lines
    .filter((line) => /level=(error|fatal)|^panic|^Error/.test(line))
    .map((line) => line.replace(/^time=\S+ |source=\S+ /g, "").trim());
}
