import type {
  Client,
  Metadata,
  sendUnaryData,
  Server,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { runPlugin } from "./run-plugin";

const bytes = (message: Buffer): Buffer => message;
const asBytes = {
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
};

/** Serves everything that the real host serves by asking it, message for message and unread, but for RunPlugin. */
export function relayTo(host: Client, server: Server): void {
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
    const asked = host.makeUnaryRequest(path, bytes, bytes, call.request, call.metadata, callback);
    call.on("cancelled", () => asked.cancel());
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
