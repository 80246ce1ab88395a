import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseDocument } from "yaml";
import { policyHostFolder, providerPlugins } from "../../lab/plugins";
import { Engine } from "../../lab/rehearsal/engine";
import { createWorkspace, projectRoot } from "../../lab/rehearsal/workspace";
import { ensureTools, showProgress } from "../../lab/toolchain";

/** The real engine with the program and one stack of it, policy packs too, and no cluster anywhere. */
export interface EngineAlone {
  readonly engine: Engine;
  readonly directory: string;
  /** Sets values of the stack file, such as `{ "metal:protect": true }`; undefined takes one out. */
  set(values: Readonly<Record<string, unknown>>): void;
  /** `pulumi preview`: how it ended, and all that it said. */
  preview(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }>;
  remove(): void;
}

/** Makes a stack of that name from capi-1's file, in a folder of its own; its kubeconfig names an address that is silent. */
export async function engineAlone(stack: string): Promise<EngineAlone> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "metal-alone-"));
  for (const name of fs.readdirSync(projectRoot)) {
    if (name !== ".metal" && !/^Pulumi\..*yaml$/.test(name))
      fs.symlinkSync(path.join(projectRoot, name), path.join(root, name));
  }
  fs.copyFileSync(path.join(projectRoot, "Pulumi.yaml"), path.join(root, "Pulumi.yaml"));
  fs.copyFileSync(path.join(projectRoot, "Pulumi.capi-1.yaml"), path.join(root, `Pulumi.${stack}.yaml`));
  const workspace = await createWorkspace(stack, root);
  const kubeconfigFile = path.join(workspace.directory, "kubeconfig");
  fs.writeFileSync(kubeconfigFile, JSON.stringify(silent(workspace.stack.facts.context)));
  const tools = await ensureTools(
    ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes", "cilium"],
    showProgress(process.stderr),
  );
  // An installed engine brings a host of its own release.
  const builtHost = tools.entries.some(
    ({ name, from }) => name === "pulumi-language-nodejs" && from !== "PATH",
  );
  const folders = [...(builtHost ? [policyHostFolder] : []), tools.searchPath, process.env["PATH"] ?? ""];
  const searchPath = folders.join(path.delimiter);
  const plugins = providerPlugins(tools, process.env);
  const site = { workspace, pulumi: tools.tool("pulumi"), kubeconfigFile, searchPath, plugins };
  // The language host for policy packs is found on PATH.
  const engine = new Engine(site, () => undefined).elsewhere({ PULUMI_IGNORE_AMBIENT_PLUGINS: "false" });
  await engine.prepare();
  const file = path.join(workspace.project, `Pulumi.${stack}.yaml`);
  return {
    engine,
    directory: root,
    set(values) {
      const document = parseDocument(fs.readFileSync(file, "utf8"));
      for (const [key, value] of Object.entries(values)) {
        if (value === undefined) document.deleteIn(["config", key]);
        else document.setIn(["config", key], document.createNode(value));
      }
      fs.writeFileSync(file, document.toString());
    },
    preview: async (...args) => {
      const { code, lines } = await engine.run("preview", ...args);
      return { code, said: lines.join("\n") };
    },
    remove: () => fs.rmSync(root, { recursive: true }),
  };
}

/** A kubeconfig of an address where nothing listens. */
function silent(context: string): unknown {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "silent", cluster: { server: "https://127.0.0.1:9" } }],
    users: [{ name: "nobody", user: { token: "none" } }],
    contexts: [{ name: context, context: { cluster: "silent", user: "nobody" } }],
    "current-context": context,
  };
}
