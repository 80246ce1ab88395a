import fs from "node:fs";
import path from "node:path";
import { chartKeys } from "./chart-keys";
import { knownKeysFile, renderChart } from "./render";
import { ensureTools, showProgress, type Toolchain } from "../toolchain/index";
import { CILIUM_VERSIONS } from "../toolchain/tools";
import { minorVersion } from "../../model/kubernetes/version";

const root = path.resolve(__dirname, "../..");

/** The facts of the toolchain's charts, as files of the repository: path from the project's root to content. */
export function recordings(tools: Pick<Toolchain, "tool" | "folder">): ReadonlyMap<string, string> {
  const trees = CILIUM_VERSIONS.map(
    (version) => [minorVersion(version), chartKeys(tools.folder(`cilium-chart-${version}`))] as const,
  );
  return new Map([
    ["model/cilium/keys/recorded-keys.json", knownKeysFile(new Map(trees))],
    ...CILIUM_VERSIONS.map(
      (version) => [`test/fixtures/renders/${version}.yaml`, renderChart(tools, version).rendered] as const,
    ),
  ]);
}

/** `npm run charts`: writes them all. */
async function main(): Promise<void> {
  const tools = await ensureTools(chartTools, showProgress(process.stderr));
  for (const [file, content] of recordings(tools)) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), content);
    console.log(`wrote ${file}`);
  }
}

/** The tools and charts that the recordings need. */
export const chartTools = [
  "cilium",
  ...CILIUM_VERSIONS.map((version) => `cilium-chart-${version}` as const),
] as const;

if (require.main === module) void main();
