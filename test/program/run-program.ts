import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { parse } from "yaml";
import { installedManagement } from "../preflight/installed";
import { FakeApi } from "../wait/fake-api";
import { ciliumRenderOf } from "./recorded-render";

/** How the engine writes what is unknown in a preview. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** One resource that the program registered, as the engine would see it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: unknown;
  readonly parent?: string;
  /** The id under which an existing object is read; the engine reads none whose id is unknown. */
  readonly read?: string;
  readonly options: RegisteredOptions;
}

/** What a resource's registration says beside its inputs. */
interface RegisteredOptions {
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
}

/** What a run of the program under mocks gave. */
export interface ProgramRun {
  readonly resources: readonly Registered[];
  readonly outputs: Record<string, unknown>;
}

/** A management cluster that serves every kind, has all controllers and the stack's namespace, and agrees to everything. */
export class AgreeableApi extends FakeApi {
  /** Listens, and returns the path of a kubeconfig with the context `management`. */
  async listen(): Promise<string> {
    await this.start();
    this.put(...installedManagement("capi-1"));
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "metal-")), "kubeconfig");
    fs.writeFileSync(file, this.kubeconfig("management"));
    return file;
  }
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

/**
 * Runs index.ts under mocks, as a preview or as an update, and returns everything that it registered; `render` plays the
 * CLI, and what is not there yet has no id in a preview.
 */
export async function runProgram(
  preview: boolean,
  render: () => string = ciliumRenderOf,
  isThere: (type: string, name: string) => boolean = () => true,
): Promise<ProgramRun> {
  const resources: Registered[] = [];
  const options = recordOptions();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        const own = options.get(`${type} ${name}`) ?? { retainOnDelete: false, ignoreChanges: [] };
        const read = id ? { read: id } : {};
        resources.push({ type, name, inputs: inputs as unknown, options: own, ...read });
        // Empty for all that is not read.
        const made = id || (isThere(type, name) ? `${name}-id` : undefined);
        // What is read under an unknown id has unknown properties.
        const state = id === unknownValue ? {} : stateOf(type, name, render);
        return { id: made, state: { ...(inputs as object), ...state } };
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

/** Mocks are told no options, so they are taken from the request that carries them. */
function recordOptions(): ReadonlyMap<string, RegisteredOptions> {
  const options = new Map<string, RegisteredOptions>();
  const monitor = MockMonitor.prototype as unknown as {
    registerResource(request: RegisterRequest, callback: unknown): Promise<void>;
  };
  registerResource ??= monitor.registerResource;
  const original = registerResource;
  monitor.registerResource = function (request, callback) {
    options.set(`${request.getType()} ${request.getName()}`, {
      retainOnDelete: request.getRetainondelete(),
      ignoreChanges: request.getIgnorechangesList(),
    });
    return original.call(this, request, callback);
  };
  return options;
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
}

let registerResource: ((request: RegisterRequest, callback: unknown) => Promise<void>) | undefined;

function stateOf(type: string, name: string, render: () => string): object {
  if (type === "kubernetes:core/v1:Secret" && name === "capi-1-kubeconfig") {
    return { data: { value: Buffer.from("kubeconfig of capi-1").toString("base64") } };
  }
  if (type === "kubernetes:core/v1:Secret" && name.startsWith("login/")) {
    return { data: { username: "cm9vdA==", password: "Y2Fsdmlu", other: "eA==" } };
  }
  if (name.startsWith("node-of-")) return { spec: { consumerRef: { name: `machine-${name}` } } };
  if (type !== "command:local:Command") return {};
  if (name.endsWith("-request")) return { stdout: "what was asked", stderr: "" };
  return { stdout: name === "cilium" ? render() : '{"timeline":[],"seconds":0}', stderr: "" };
}
