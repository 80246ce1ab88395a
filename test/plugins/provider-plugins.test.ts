import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { CreateRequest, type CreateResponse } from "@pulumi/pulumi/proto/provider_pb";
import { fromStruct, toStruct } from "../../lab/plugins/grpc/property-value";
import {
  describePlugins,
  installPlugins,
  linkPlugins,
  providerPlugins,
  simulatedFolder,
} from "../../lab/plugins/index";
import type { Toolchain } from "../../lab/toolchain";
import { findInstalled } from "../../lab/toolchain/installed";
import { kubernetesPlugin } from "../../lab/toolchain/tools";

const simulated = join(simulatedFolder, "pulumi-resource-command");

/** A toolchain whose kubernetes plugin comes from there. */
function toolchain(from: string, version: string, path: string): Toolchain {
  const entry = {
    name: "pulumi-resource-kubernetes",
    kind: "tool",
    seconds: 0,
    from,
    version,
    path,
  } as const;
  return { entries: [entry], tool: () => path, folder: () => "", searchPath: "" };
}

/** Puts an executable into a folder that behaves as a plugin and reports version 1.2.1. */
function copyOfSimulated(folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  const script = `#!/bin/sh\nexec ${process.execPath} ${join(simulatedFolder, "../launch.mjs")} command "$@"\n`;
  writeFileSync(join(folder, `pulumi-resource-${name}`), script, { mode: 0o755 });
}

describe("the choice of provider plugins", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plugins-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const environment = (path: string) => ({
    PATH: path,
    HOME: folder,
    XDG_CACHE_HOME: join(folder, "cache"),
  });

  it("is the built kubernetes plugin with its source's date, and the simulated command plugin", () => {
    const version = "v4.0.0-20260115033456-f47bc2d6f199";
    const built = toolchain("cache", version, "/cache/kubernetes/pulumi-resource-kubernetes");
    const plugins = providerPlugins(built, environment(`/usr/bin:${simulatedFolder}`));
    assert.equal(
      describePlugins(plugins),
      "provider plugins: kubernetes 4.0.0-20260115033456-f47bc2d6f199 (real, built from source of 2026-01-15); " +
        "command 1.2.1 (simulated, lab/plugins/command)",
    );
    linkPlugins(plugins, join(folder, "home"));
    const linked = (name: string) => readlinkSync(join(folder, "home", "plugins", name));
    assert.equal(linked("resource-kubernetes-v4.32.0/pulumi-resource-kubernetes"), plugins[0]?.path);
    assert.equal(linked("resource-command-v1.2.1/pulumi-resource-command"), simulated);
  });

  it("is an installed command plugin of the wanted version", () => {
    const real = join(folder, ".pulumi", "plugins", "resource-command-v1.2.1");
    copyOfSimulated(real, "command");
    const plugins = providerPlugins(
      toolchain("PATH", "v4.32.0", "/usr/bin/pulumi-resource-kubernetes"),
      environment(simulatedFolder),
    );
    assert.equal(
      describePlugins(plugins),
      "provider plugins: kubernetes 4.32.0 (real, PATH); command 1.2.1 (real, installed by Pulumi)",
    );
    assert.equal(plugins[1]?.path, join(real, "pulumi-resource-command"));
  });

  it("passes over a kubernetes plugin on PATH that reports another version", () => {
    const dir = join(folder, "bin");
    copyOfSimulated(dir, "kubernetes");
    const { found, rejected } = findInstalled(
      "pulumi-resource-kubernetes",
      kubernetesPlugin,
      environment(dir),
    );
    assert.equal(found, undefined);
    assert.deepEqual(rejected, [{ path: join(dir, "pulumi-resource-kubernetes"), why: "is version 1.2.1" }]);
  });

  it("names in one line each what could not be installed, and what is used instead", async () => {
    const lines = await installPlugins("/bin/false", environment("/usr/bin"));
    assert.deepEqual(lines, [
      "pulumi-resource-kubernetes 4.32.0 cannot be installed from here: it is built from its Go module",
      "pulumi-resource-command 1.2.1 cannot be installed from here: the lab simulates it (lab/plugins)",
    ]);
  });
});

describe("the simulated command plugin as a process", () => {
  it("prints its port first and answers over gRPC", async () => {
    const child = spawn(simulated, ["127.0.0.1:1"]);
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
