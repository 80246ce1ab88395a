import { spawn } from "node:child_process";
import readline from "node:readline";
import { credentials } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { empty } from "./grpc/property-value";

/**
 * A program: starts the provider plugin that its argument names and prints the version that the plugin reports. A plugin has
 * no flag for that; it serves gRPC on the port that is the first line of its output.
 */
async function main(file: string): Promise<void> {
  // The engine's address, where nothing listens: a plugin connects to it only when it has something to log.
  const plugin = spawn(file, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      plugin.once("error", reject);
      plugin.once("exit", () => reject(new Error(`${file} ended before it printed a port`)));
      readline.createInterface({ input: plugin.stdout }).once("line", resolve);
    });
    const client = new ResourceProviderClient(`127.0.0.1:${port.trim()}`, credentials.createInsecure());
    const info = await new Promise<PluginInfo>((resolve, reject) =>
      client.getPluginInfo(empty(), (error, answer) => (error === null ? resolve(answer) : reject(error))),
    );
    client.close();
    process.stdout.write(`${info.getVersion()}\n`);
  } finally {
    plugin.removeAllListeners("exit");
    plugin.kill("SIGKILL");
  }
}

main(process.argv[2] ?? "").catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
