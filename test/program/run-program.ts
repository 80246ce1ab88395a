import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { ciliumRenderOf } from "./recorded-render";

/** One resource that the program registered, as the engine would see it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: unknown;
  readonly parent?: string;
}

/** What a run of the program under mocks gave. */
export interface ProgramRun {
  readonly resources: readonly Registered[];
  readonly outputs: Record<string, unknown>;
}

/** A management cluster that serves every kind, has no objects, permits everything and accepts every dry run. */
export class AgreeableApi {
  readonly requests: string[] = [];
  private readonly server = http.createServer((request, response) => this.answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address() as { port: number };
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "metal-")), "kubeconfig");
    const kubeconfig = {
      "current-context": "management",
      contexts: [{ name: "management", context: { cluster: "management", user: "u" } }],
      clusters: [{ name: "management", cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: "u", user: {} }],
    };
    fs.writeFileSync(file, JSON.stringify(kubeconfig));
    return file;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://api");
    this.requests.push(`${request.method ?? ""} ${url.pathname}${url.search}`);
    const answer = bodyFor(request.method ?? "GET", url.pathname);
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { kind: "Status", reason: "NotFound", message: "not found" }));
  }
}

const kinds: Readonly<Record<string, readonly string[]>> = {
  "/api/v1": ["ConfigMap", "Secret"],
  "/apis/metal3.io/v1alpha1": ["BareMetalHost"],
  "/apis/addons.cluster.x-k8s.io/v1beta2": ["ClusterResourceSet"],
  "/apis/cluster.x-k8s.io/v1beta2": ["Cluster", "MachineDeployment", "MachineHealthCheck"],
  "/apis/controlplane.cluster.x-k8s.io/v1beta2": ["KubeadmControlPlane"],
  "/apis/bootstrap.cluster.x-k8s.io/v1beta2": ["KubeadmConfigTemplate"],
  "/apis/infrastructure.cluster.x-k8s.io/v1beta2": [
    "Metal3Cluster",
    "Metal3DataTemplate",
    "Metal3MachineTemplate",
    "Metal3RemediationTemplate",
  ],
};

function bodyFor(method: string, pathname: string): unknown {
  const served = kinds[pathname];
  if (served !== undefined) {
    return { resources: served.map((kind) => ({ kind, name: `${kind.toLowerCase()}s`, namespaced: true })) };
  }
  if (pathname === "/api/v1/namespaces/capi-1") return { kind: "Namespace", metadata: { name: "capi-1" } };
  if (pathname.endsWith("/selfsubjectaccessreviews")) return { status: { allowed: true } };
  return method === "GET" ? undefined : {};
}

/** Sets the configuration of a stack file, with a throw-away password and this management cluster. */
export function configure(
  stackFile: string,
  kubeconfig: string,
  change: (config: Stackish) => void = () => undefined,
): void {
  const { config } = parse(fs.readFileSync(stackFile, "utf8")) as { config: Record<string, unknown> };
  const stack = config as Stackish;
  stack["metal:bmc"] = { username: "metal", password: "throw-away" };
  stack["metal:management"] = { ...(stack["metal:management"] as object), kubeconfig };
  change(stack);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(
      Object.entries(stack).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  );
  process.env["PULUMI_CONFIG_SECRET_KEYS"] = JSON.stringify(["metal:bmc", "metal:bgp"]);
}

/** A stack file's `config:` section, to be changed by a test. */
export type Stackish = Record<string, unknown>;

/** Runs index.ts under mocks, as a preview or as an update, and returns everything that it registered; `render` plays the CLI. */
export async function runProgram(
  preview: boolean,
  render: () => string = ciliumRenderOf,
): Promise<ProgramRun> {
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        resources.push({ type, name, inputs: inputs as unknown });
        return { id: id ?? `${name}-id`, state: { ...(inputs as object), ...stateOf(type, name, render) } };
      },
      call: () => ({ stdout: render(), stderr: "" }),
    },
    "metal",
    "capi-1",
    preview,
  );
  // Not imported at the top: setMocks must come first, and index.ts exports the program itself.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const program = require("../../index") as () => Promise<Record<string, unknown>>;
  const outputs = await program();
  await pulumi.runtime.disconnect?.();
  return { resources, outputs };
}

function stateOf(type: string, name: string, render: () => string): object {
  if (type === "kubernetes:core/v1:Secret" && name === "capi-1-kubeconfig") {
    return { data: { value: Buffer.from("kubeconfig of capi-1").toString("base64") } };
  }
  if (type !== "command:local:Command") return {};
  return { stdout: name === "cilium" ? render() : '{"timeline":[],"seconds":0}', stderr: "" };
}
