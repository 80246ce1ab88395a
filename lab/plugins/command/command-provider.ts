import crypto from "node:crypto";
import { type Logging, type ProcessOutput, type ProcessSpec, runProcess } from "./run-process";
import {
  type Json,
  type JsonObject,
  unknownValue,
  asString,
  containsSecret,
  isObject,
  same,
  secret,
  unwrappedObject,
} from "../grpc/property-value";
import {
  type CheckRequest,
  type ConfigureResponse,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type DiffResponse,
  type EngineLog,
  type InvokeRequest,
  type PropertyDiff,
  type Provider,
  type ReadRequest,
  type ReadResponse,
  type StateResponse,
  type UpdateRequest,
  ProviderError,
  unimplemented,
} from "../grpc/provider";
import { defined } from "../../../model/kubernetes/object";

const commandType = "command:local:Command";
const runFunction = "command:local:run";
const defaultInterpreter = ["/bin/sh", "-c"];
const loggingModes: readonly string[] = ["stdout", "stderr", "stdoutAndStderr", "none"] satisfies Logging[];

/** The real 1.2.1 writes the version of the library it is built with into every provider's state. */
const libraryVersion = "1.2.0";

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function stringsByName(value: Json | undefined): Record<string, string> {
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))
    : {};
}

function loggingOf(value: Json | undefined): Logging {
  return loggingModes.includes(String(value)) ? (value as Logging) : "stdoutAndStderr";
}

function refuseUnplayed(inputs: JsonObject): void {
  for (const key of ["assetPaths", "archivePaths"]) {
    if (Object.hasOwn(inputs, key)) {
      throw new ProviderError(
        `the lab's simulated pulumi-resource-command does not support ${key}: install the real plugin`,
      );
    }
  }
}

/** A simulated pulumi-resource-command 1.2.1: `local.Command` and the `local.run` function. */
export class CommandProvider implements Provider {
  readonly version = "1.2.1";
  private readonly cancellation = new AbortController();

  constructor(readonly log: EngineLog) {}

  checkConfig(request: CheckRequest): Promise<{ inputs: JsonObject }> {
    return Promise.resolve({ inputs: { ...request.news, "__pulumi-go-provider-version": libraryVersion } });
  }

  diffConfig(): Promise<DiffResponse> {
    return Promise.reject(unimplemented("DiffConfig is not implemented"));
  }

  configure(): Promise<ConfigureResponse> {
    return Promise.resolve({
      acceptSecrets: true,
      supportsPreview: true,
      acceptResources: true,
      acceptOutputs: true,
    });
  }

  check(request: CheckRequest): Promise<{ inputs: JsonObject }> {
    const type = request.urn.split("::")[2]?.split("$").at(-1);
    if (type !== commandType) {
      return Promise.reject(
        new ProviderError(
          `the lab's simulated pulumi-resource-command does not support ${type ?? request.urn}: install the real plugin`,
        ),
      );
    }
    return Promise.resolve({ inputs: request.news });
  }

  diff(request: DiffRequest): Promise<DiffResponse> {
    return Promise.resolve(diffInputs(unwrappedObject(request.oldInputs), unwrappedObject(request.news)));
  }

  async create(request: CreateRequest): Promise<StateResponse> {
    const inputs = request.properties;
    const name = request.name ?? request.urn.split("::").at(-1) ?? "";
    const id = `${name}${crypto.randomBytes(4).toString("hex")}`;
    if (request.preview === true) return { id, properties: withOutput(inputs, unknownOutput) };
    const output = await this.run("create", request, inputs, undefined);
    return { id, properties: withOutput(inputs, output) };
  }

  async update(request: UpdateRequest): Promise<StateResponse> {
    const inputs = request.news;
    if (request.preview === true) return { properties: withOutput(inputs, unknownOutput) };
    const script = Object.hasOwn(inputs, "update") ? "update" : "create";
    return { properties: withOutput(inputs, await this.run(script, request, inputs, request.olds)) };
  }

  read(request: ReadRequest): Promise<ReadResponse> {
    return Promise.resolve({
      id: request.id,
      properties: request.properties ?? {},
      inputs: request.inputs ?? {},
    });
  }

  async delete(request: DeleteRequest): Promise<void> {
    await this.run("delete", request, request.properties, request.properties);
  }

  async invoke(request: InvokeRequest): Promise<{ return: JsonObject }> {
    if (request.tok !== runFunction) {
      throw new ProviderError(
        `the lab's simulated pulumi-resource-command does not support ${request.tok}: install the real plugin`,
      );
    }
    const args = unwrappedObject(request.args);
    refuseUnplayed(args);
    const output = await this.runCommand(args, asString(args["command"]) ?? "", "", undefined, {});
    return { return: { ...args, ...output } };
  }

  cancel(): Promise<void> {
    this.cancellation.abort();
    return Promise.resolve();
  }

  private async run(
    script: "create" | "update" | "delete",
    request: { readonly urn: string; readonly timeout?: number },
    wrappedInputs: JsonObject,
    previous: JsonObject | undefined,
  ): Promise<ProcessOutput> {
    const inputs = unwrappedObject(wrappedInputs);
    refuseUnplayed(inputs);
    const before = unwrappedObject(previous);
    const kept = { stdout: asString(before["stdout"]) ?? "", stderr: asString(before["stderr"]) ?? "" };
    const command = asString(inputs[script]);
    if (command === undefined) return kept;
    const passed =
      previous === undefined || inputs["addPreviousOutputInEnv"] === false
        ? {}
        : { PULUMI_COMMAND_STDOUT: kept.stdout, PULUMI_COMMAND_STDERR: kept.stderr };
    return this.runCommand(inputs, command, request.urn, request.timeout, passed);
  }

  private async runCommand(
    inputs: JsonObject,
    command: string,
    urn: string,
    timeoutSeconds: number | undefined,
    extra: Readonly<Record<string, string>>,
  ): Promise<ProcessOutput> {
    const interpreter = strings(inputs["interpreter"]);
    const dir = asString(inputs["dir"]);
    const stdin = asString(inputs["stdin"]);
    const spec: ProcessSpec = {
      argv: [...(interpreter.length > 0 ? interpreter : defaultInterpreter), command],
      environment: { ...extra, ...stringsByName(inputs["environment"]) },
      logging: loggingOf(inputs["logging"]),
      ...defined({ dir, stdin }),
    };
    const deadline = new AbortController();
    const abort = (): void => deadline.abort();
    this.cancellation.signal.addEventListener("abort", abort, { once: true });
    if (this.cancellation.signal.aborted) abort();
    const timer = timeoutSeconds === undefined ? undefined : setTimeout(abort, timeoutSeconds * 1000);
    try {
      return await runProcess(spec, deadline.signal, (line) => this.log.write("info", line, urn, true));
    } finally {
      clearTimeout(timer);
      this.cancellation.signal.removeEventListener("abort", abort);
    }
  }
}

const unknownOutput: ProcessOutput = { stdout: unknownValue, stderr: unknownValue };

/** Inputs and output as state; the output of a command with a secret anywhere in its inputs is secret. */
function withOutput(inputs: JsonObject, output: ProcessOutput): JsonObject {
  const hide = (text: string): Json => (containsSecret(inputs) ? secret(text) : text);
  return { ...inputs, stdout: hide(output.stdout), stderr: hide(output.stderr) };
}

/** Inputs whose appearance, change or removal as a whole replaces the resource. */
const replacingInputs = ["triggers"];

/** Changed paths below one property: objects by `.key`, lists by `[index]`, the topmost changed place only. */
function walk(
  path: string,
  old: Json | undefined,
  now: Json | undefined,
  found: Record<string, PropertyDiff>,
): void {
  if (same(old, now)) return;
  if (Array.isArray(old) && Array.isArray(now)) {
    for (let index = 0; index < Math.max(old.length, now.length); index++) {
      walk(`${path}[${index}]`, old[index], now[index], found);
    }
  } else if (isObject(old) && isObject(now)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      walk(`${path}.${key}`, old[key], now[key], found);
    }
  } else {
    const kind = old === undefined ? undefined : now === undefined ? "DELETE" : "UPDATE";
    found[path] = kind === undefined ? {} : { kind };
  }
}

function replacing(diff: PropertyDiff): PropertyDiff {
  return {
    kind:
      diff.kind === undefined ? "ADD_REPLACE" : diff.kind === "DELETE" ? "DELETE_REPLACE" : "UPDATE_REPLACE",
  };
}

/** The answer to Diff: old inputs against new inputs, both without secret wrappers. */
function diffInputs(oldInputs: JsonObject, news: JsonObject): DiffResponse {
  const detailedDiff: Record<string, PropertyDiff> = {};
  const diffs: string[] = [];
  for (const key of new Set([...Object.keys(oldInputs), ...Object.keys(news)])) {
    if (same(oldInputs[key], news[key])) continue;
    diffs.push(key);
    walk(key, oldInputs[key], news[key], detailedDiff);
  }
  const replaces = replacingInputs.filter((key) => Object.hasOwn(detailedDiff, key));
  for (const key of replaces) detailedDiff[key] = replacing(detailedDiff[key] ?? {});
  if (diffs.length === 0) return { changes: "DIFF_NONE", hasDetailedDiff: true };
  return {
    ...(replaces.length > 0 ? { replaces } : {}),
    changes: "DIFF_SOME",
    diffs,
    detailedDiff,
    hasDetailedDiff: true,
  };
}
