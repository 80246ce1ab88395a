import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import {
  type Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
  type sendUnaryData,
  Client,
  Server,
  ServerCredentials,
  credentials,
} from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { type RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { messageLimit } from "../grpc/engine-log";

const limits = {
  "grpc.max_receive_message_length": messageLimit,
  "grpc.max_send_message_length": messageLimit,
};

/** The next language host on PATH after ours. */
function realHost(ours: string): string {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const files = folders.filter((folder) => folder !== ours).map((folder) => path.join(folder, name));
  const real = files.find((file) => fs.existsSync(file));
  if (real === undefined) throw new Error(`there is no other ${name} on PATH`);
  return real;
}
const name = "pulumi-language-nodejs";

/** Starts the real host behind this one with the engine's own arguments, and prints this one's port as it would its own. */
function main([ours = "", ...args]: readonly string[]): void {
  const host = spawn("setpriv", ["--pdeathsig", "KILL", "--", realHost(ours), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  host.once("exit", (code) => process.exit(code ?? 1));
  readline.createInterface({ input: host.stdout }).once("line", (port) => {
    const server = new Server(limits);
    relayTo(new Client(`127.0.0.1:${port}`, credentials.createInsecure(), limits), server);
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, own) => {
      if (error !== null) throw error;
      process.stdout.write(`${own}\n`);
    });
  });
}

const bytes = (message: Buffer): Buffer => message;
const asBytes = {
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
};

/** Forwards every call to the real host, message for message and unread, except RunPlugin. */
function relayTo(host: Client, server: Server): void {
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(LanguageRuntimeService as ServiceDefinition)) {
    if (name === "runPlugin") {
      definition[name] = method;
      implementation[name] = runPlugin;
    } else {
      definition[name] = { ...method, ...asBytes };
      implementation[name] = method.responseStream
        ? streamed(host, method.path)
        : answered(host, method.path);
    }
  }
  server.addService(definition, implementation);
}

function answered(host: Client, path: string) {
  return (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const forwarded = host.makeUnaryRequest(path, bytes, bytes, call.request, call.metadata, callback);
    call.on("cancelled", () => forwarded.cancel());
  };
}

function streamed(host: Client, path: string) {
  return (call: ServerWritableStream<Buffer, Buffer>): void => {
    const answers = host.makeServerStreamRequest(path, bytes, bytes, call.request, call.metadata);
    answers.on("error", (error) => call.emit("error", error));
    answers.on("end", (metadata?: Metadata) => call.end(metadata));
    answers.on("data", (answer: Buffer) => call.write(answer));
    call.on("cancelled", () => answers.cancel());
  };
}

/**
 * What a language host of the engine's own release does for a policy pack: runs the SDK's own runner, found from the pack,
 * in the pack's folder, and forwards its output. Other plugins are not started here.
 */
function runPlugin(call: ServerWritableStream<RunPluginRequest, RunPluginResponse>): void {
  const pack = call.request.getInfo()?.getProgramDirectory() ?? "";
  const runner = call.request.getKind() === "analyzer" ? runnerOf(pack) : undefined;
  if (runner === undefined) {
    const details = `this host starts only policy packs whose packages are installed: npm ci --prefix ${pack}`;
    call.emit("error", { code: 9, details });
    return;
  }
  const argv = ["--pdeathsig", "KILL", "--", process.execPath, runner, ...call.request.getArgsList(), pack];
  const run = spawn("setpriv", argv, {
    cwd: pack,
    env: environment(call.request.getEnvList()),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const send = (fill: (response: RunPluginResponse) => void) => {
    const response = new RunPluginResponse();
    fill(response);
    call.write(response);
  };
  run.stdout.on("data", (chunk: Buffer) => send((response) => response.setStdout(chunk)));
  run.stderr.on("data", (chunk: Buffer) => send((response) => response.setStderr(chunk)));
  run.once("close", (code) => {
    send((response) => response.setExitcode(code ?? 1));
    call.end();
  });
  call.on("cancelled", () => run.kill("SIGKILL"));
}

function runnerOf(pack: string): string | undefined {
  try {
    return createRequire(path.join(pack, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** Of two values of one name the later one counts, as in Go. */
function environment(entries: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

main(process.argv.slice(2));
