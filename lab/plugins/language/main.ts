import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { Client, credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import { messageLimit } from "../grpc/engine-log";
import { relayTo } from "./relay";

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

main(process.argv.slice(2));
