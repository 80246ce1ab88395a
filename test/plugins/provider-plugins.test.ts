import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { CreateRequest, type CreateResponse } from "@pulumi/pulumi/proto/provider_pb";
import { fromStruct, toStruct } from "../../lab/plugins/grpc/protobuf";
import {
  describePlugins,
  installRealPlugins,
  pathWith,
  providerPlugins,
  standInFolder,
} from "../../lab/plugins/index";

function executable(folder: string, name: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  return folder;
}

describe("the choice of provider plugins", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plugins-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("is the stand-ins where there is nothing else, ours on PATH included", () => {
    const plugins = providerPlugins([standInFolder], folder);
    assert.deepEqual(
      plugins.map(({ kind }) => kind),
      ["stand-in", "stand-in"],
    );
    assert.equal(pathWith(plugins, "/a:/b"), `${standInFolder}:/a:/b`);
    assert.equal(
      describePlugins(plugins),
      "provider plugins: kubernetes 4.32.0 (stand-in), command 1.2.1 (stand-in)",
    );
  });

  it("is the real ones on PATH and in the Pulumi home, which then need no change of PATH", () => {
    const dir = executable(join(folder, "bin"), "pulumi-resource-kubernetes");
    executable(join(folder, "plugins", "resource-command-v1.2.1"), "pulumi-resource-command");
    const plugins = providerPlugins([standInFolder, dir], folder);
    assert.deepEqual(
      plugins.map(({ kind }) => kind),
      ["real", "real"],
    );
    assert.equal(pathWith(plugins, `${standInFolder}:${dir}`), dir);
  });

  it("puts a real plugin before the stand-in of the other", () => {
    const dir = executable(join(folder, "bin"), "pulumi-resource-command");
    assert.equal(pathWith(providerPlugins([dir], folder), `/a:${dir}`), `${dir}:${standInFolder}:/a`);
  });

  it("does not take an installed plugin of another version", () => {
    executable(join(folder, "plugins", "resource-kubernetes-v4.31.0"), "pulumi-resource-kubernetes");
    assert.equal(providerPlugins([], folder)[0]?.kind, "stand-in");
  });

  it("says in one line what could not be installed", async () => {
    const pulumi = join(executable(folder, "pulumi"), "pulumi");
    const lines = await installRealPlugins(providerPlugins([], folder), pulumi, process.env);
    assert.equal(
      lines[0],
      "pulumi-resource-kubernetes 4.32.0 cannot be installed from here: the lab's stand-in takes its place",
    );
  });
});

describe("a stand-in as a process", () => {
  it("prints its port first and answers over gRPC", async () => {
    const child = spawn(join(standInFolder, "pulumi-resource-command"), ["127.0.0.1:1"]);
    try {
      const port = await new Promise<string>((resolve) =>
        child.stdout.once("data", (data: Buffer) => resolve(data.toString())),
      );
      assert.match(port, /^\d+\n$/);
      const client = new ResourceProviderClient(`127.0.0.1:${port.trim()}`, credentials.createInsecure());
      const request = new CreateRequest();
      request.setUrn("urn:pulumi:dev::metal::command:local:Command::c");
      request.setProperties(toStruct({ create: "echo hi", logging: "none" }));
      const response = await new Promise<CreateResponse>((resolve, reject) =>
        client.create(request, (error, answer) => (error === null ? resolve(answer) : reject(error))),
      );
      assert.deepEqual(fromStruct(response.getProperties()), {
        create: "echo hi",
        logging: "none",
        stdout: "hi",
        stderr: "",
      });
      client.close();
    } finally {
      child.kill("SIGKILL");
    }
  });
});
