import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseDocument } from "yaml";
import { ensureTools, showProgress } from "../lab/toolchain";

/**
 * How long `npm run metal -- diff` of a Cilium upgrade takes when both sides are rendered, with the Cilium CLI on PATH or the
 * lab's shim over the real chart. The target is 10 s.
 */
const rounds = 5;
const program = path.join(__dirname, "..");
const stackFile = "Pulumi.ops.yaml";

async function main(): Promise<void> {
  const tools = await ensureTools(["cilium"], showProgress(process.stderr));
  const directory = upgrade();
  const env = { ...process.env, PATH: `${tools.searchPath}:${process.env["PATH"] ?? ""}` };
  const diff = ["run", "--silent", "metal", "--", "diff", "--stack", "ops", "--base", "HEAD", "--json"];
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const said = execFileSync("npm", diff, { cwd: directory, env, encoding: "utf8", maxBuffer: 64e6 });
    seconds.push((performance.now() - started) / 1000);
    const { cilium } = JSON.parse(said) as { cilium?: { compared: string } };
    if (cilium?.compared !== "rendered") throw new Error("the sides were not rendered");
  }
  fs.rmSync(directory, { recursive: true });
  const [fastest = NaN, , median = NaN] = seconds.sort((a, b) => a - b);
  const from = tools.entries.find(({ name }) => name === "cilium")?.from ?? "";
  process.stdout.write(
    `diff of Cilium 1.18.4 → 1.19.5, both sides rendered (${from}): ${median.toFixed(1)} s (median of ${rounds}, ` +
      `fastest ${fastest.toFixed(1)} s, slowest ${(seconds.at(-1) ?? NaN).toFixed(1)} s)\n`,
  );
}

/** The project by links, in a repository of its own that holds the operated stack, which is then upgraded. */
function upgrade(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "metal-bench-"));
  for (const name of fs.readdirSync(program)) {
    if (!/^(?:\.git|\.metal|Pulumi\..*yaml)$/.test(name))
      fs.symlinkSync(path.join(program, name), path.join(directory, name));
  }
  fs.copyFileSync(path.join(program, "Pulumi.yaml"), path.join(directory, "Pulumi.yaml"));
  const file = path.join(directory, stackFile);
  fs.copyFileSync(path.join(program, "test/stacks", stackFile), file);
  const who = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"];
  for (const args of [
    ["init", "-q"],
    ["add", "-f", "Pulumi.yaml", stackFile],
    ["commit", "-q", "-m", "base"],
  ])
    execFileSync("git", [...who, ...args], { cwd: directory });
  const document = parseDocument(fs.readFileSync(file, "utf8"));
  document.setIn(["config", "metal:cilium"], { version: "1.19.5", installedVersion: "1.18.4" });
  fs.writeFileSync(file, document.toString());
  return directory;
}

void main();
