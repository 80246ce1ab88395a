import { type ChannelCredentials, type Client, credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { type EngineLog, severities } from "./provider";

/** gRPC messages of the engine may be this large (Pulumi: rpcutil, 400 MiB). */
export const messageLimit = 400 * 1024 * 1024;

/** A log that goes to the engine at `address`, one message at a time so that lines keep their order. */
export function engineLog(address: string): EngineLog {
  const client = new EngineClient(address, insecure(), { "grpc.max_send_message_length": messageLimit });
  let last = Promise.resolve();
  return {
    write(severity, message, urn, ephemeral = false) {
      const request = new LogRequest();
      request.setSeverity(severities[severity]);
      request.setMessage(message);
      request.setUrn(urn);
      request.setEphemeral(ephemeral);
      // A message that the engine does not take (it may be gone already) must not fail the operation it reports on.
      last = last.then(() => new Promise((resolve) => client.log(request, () => resolve())));
    },
    flushed: () => last,
  };
}

function insecure(): ChannelCredentials {
  return credentials.createInsecure();
}

/** Whether the engine at `address` still takes connections within `timeoutMs`. */
export function engineAnswers(address: string, timeoutMs: number): Promise<boolean> {
  const client: Client = new EngineClient(address, insecure());
  return new Promise((resolve) => {
    client.waitForReady(Date.now() + timeoutMs, (error) => {
      client.close();
      resolve(error === undefined || error === null);
    });
  });
}
