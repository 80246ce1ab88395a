import {
  Server,
  ServerCredentials,
  type handleUnaryCall,
  type sendUnaryData,
  type ServerUnaryCall,
} from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { engineAnswers, engineLog, messageLimit } from "./engine-log";
import * as messages from "./messages";
import { empty } from "./property-value";
import { codes, type EngineLog, messageOf, type Provider, ProviderError, unimplemented } from "./provider";

/** The real plugins look every five minutes whether the engine is still there (Pulumi SDK, rpcutil.Healthcheck). */
const healthCheckMs = 300_000;

/** Puts a promise-returning handler behind gRPC, with failures as the engine expects them. */
function unary<Request, Response>(
  log: EngineLog,
  handle: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
    handle(call.request).then(
      // The engine drops messages about a resource once its step is done, so they go first.
      (response) => void log.flushed().then(() => callback(null, response)),
      (error: unknown) => void log.flushed().then(() => callback(failure(error))),
    );
  };
}

function failure(error: unknown): { code: number; details: string } {
  const code = error instanceof ProviderError ? error.code : codes.unknown;
  return { code, details: messageOf(error) };
}

/** The gRPC implementation of a provider; methods that are not here answer Unimplemented by themselves. */
function implementation(provider: Provider, log: EngineLog): Parameters<Server["addService"]>[1] {
  return {
    handshake: unary(log, () => Promise.reject(unimplemented("method Handshake not implemented"))),
    getPluginInfo: unary(log, () => {
      const info = new PluginInfo();
      info.setVersion(provider.version);
      return Promise.resolve(info);
    }),
    checkConfig: unary(log, async (request: Parameters<typeof messages.checkRequest>[0]) =>
      messages.checkResponse(await provider.checkConfig(messages.checkRequest(request))),
    ),
    diffConfig: unary(log, async (request: Parameters<typeof messages.diffRequest>[0]) =>
      messages.diffResponse(await provider.diffConfig(messages.diffRequest(request))),
    ),
    configure: unary(log, async (request: Parameters<typeof messages.configureRequest>[0]) =>
      messages.configureResponse(await provider.configure(messages.configureRequest(request))),
    ),
    check: unary(log, async (request: Parameters<typeof messages.checkRequest>[0]) =>
      messages.checkResponse(await provider.check(messages.checkRequest(request))),
    ),
    diff: unary(log, async (request: Parameters<typeof messages.diffRequest>[0]) =>
      messages.diffResponse(await provider.diff(messages.diffRequest(request))),
    ),
    create: unary(log, async (request: Parameters<typeof messages.createRequest>[0]) =>
      messages.createResponse(await provider.create(messages.createRequest(request))),
    ),
    update: unary(log, async (request: Parameters<typeof messages.updateRequest>[0]) =>
      messages.updateResponse(await provider.update(messages.updateRequest(request))),
    ),
    read: unary(log, async (request: Parameters<typeof messages.readRequest>[0]) =>
      messages.readResponse(await provider.read(messages.readRequest(request))),
    ),
    delete: unary(log, async (request: Parameters<typeof messages.deleteRequest>[0]) => {
      await provider.delete(messages.deleteRequest(request));
      return empty();
    }),
    invoke: unary(log, async (request: Parameters<typeof messages.invokeRequest>[0]) =>
      messages.invokeResponse(await provider.invoke(messages.invokeRequest(request))),
    ),
    cancel: unary(log, async () => {
      await provider.cancel();
      return empty();
    }),
  };
}

/** Ends the process when the engine that started it is gone, as late as the real plugins do. */
function endWithEngine(engineAddress: string): void {
  setInterval(() => {
    void engineAnswers(engineAddress, 10_000).then((alive) => {
      if (!alive) process.exit(1);
    });
  }, healthCheckMs).unref();
}

/**
 * Serves a provider plugin: listens on a free loopback port and prints it as the first line on stdout.
 * `args` are the process's arguments: one, the engine's address `127.0.0.1:<port>`.
 */
export function serve(args: readonly string[], create: (log: EngineLog) => Provider): void {
  const engineAddress = args[0];
  if (engineAddress === undefined) {
    process.stderr.write("this is a Pulumi provider plugin: the engine starts it with its own address\n");
    process.exit(2);
  }
  const log = engineLog(engineAddress);
  const server = new Server({
    "grpc.max_receive_message_length": messageLimit,
    "grpc.max_send_message_length": messageLimit,
  });
  server.addService(ResourceProviderService, implementation(create(log), log));
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) {
      process.stderr.write(`cannot listen on 127.0.0.1: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
    endWithEngine(engineAddress);
  });
}
