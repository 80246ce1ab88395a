import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { runMetal } from "../../ops/commands/run";

const root = path.join(__dirname, "../..");

/** The worked example, to be changed by a test. */
export const exampleText = fs.readFileSync(path.join(root, "Pulumi.capi-1.yaml"), "utf8");

/** What a command line left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A project's directory with these files, beside the real Pulumi.yaml. */
export function projectWith(files: Readonly<Record<string, string | Buffer>>): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
  fs.copyFileSync(path.join(root, "Pulumi.yaml"), path.join(directory, "Pulumi.yaml"));
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(directory, name), text);
  return directory;
}

/** Runs a command line in a directory, without a terminal. */
export async function metal(
  directory: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const written = { out: "", err: "" };
  const code = await runMetal(argv, {
    out: (text) => (written.out += text.endsWith("\n") ? text : `${text}\n`),
    err: (text) => (written.err += text),
    interactive: false,
    colours: false,
    directory,
    env,
    now: () => new Date("2026-11-25T00:00:00Z"),
  });
  return { code, ...written };
}
