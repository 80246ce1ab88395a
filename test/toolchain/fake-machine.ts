import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import type { Environment } from "../../lab/toolchain/cache";
import { toolSpecs } from "../../lab/toolchain/tools";
import type { ToolchainEvent } from "../../lab/toolchain/index";

const MODULES = path.resolve(__dirname, "../../lab/toolchain");

/** A machine in a temporary folder: its own PATH, home and cache, and a log of every process that was started. */
export class FakeMachine {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), "metal-toolchain-"));
  readonly bin = path.join(this.root, "bin");
  readonly cache = path.join(this.root, "cache", "metal", "tools");
  readonly events: ToolchainEvent[] = [];
  private readonly calls = path.join(this.root, "calls.log");

  constructor() {
    fs.mkdirSync(this.bin, { recursive: true });
    fs.writeFileSync(this.calls, "");
    // the fakes are shell scripts and need a shell, cat, chmod, mkdir and sleep, but none of the machine's own tools
    for (const name of ["sh", "cat", "chmod", "mkdir", "sleep", "grep"]) {
      const real = ["/bin", "/usr/bin"]
        .map((folder) => path.join(folder, name))
        .find((file) => fs.existsSync(file));
      if (real !== undefined) fs.symlinkSync(real, path.join(this.bin, name));
    }
  }

  get environment(): Environment {
    return { PATH: this.bin, HOME: this.root, XDG_CACHE_HOME: path.join(this.root, "cache") };
  }

  /** Puts an executable that prints `output` into a folder (default: the one on PATH). */
  tool(name: string, output: string, folder = this.bin): string {
    return this.script(name, `echo '${output}'`, folder);
  }

  /** A Go that "builds" programs which print the pinned versions, and "downloads" modules with their recorded sums. */
  go(
    options: { readonly beforeBuild?: string; readonly sum?: string; readonly version?: string } = {},
  ): void {
    const versions = Object.values(toolSpecs)
      .map((spec) => `'${spec.package}') version=${spec.version} ;;`)
      .join("\n");
    this.script(
      "go",
      `case "$1" in
env) ${options.version ?? "echo go1.26.0"} ;;
build)
  while [ $# -gt 1 ]; do [ "$1" != -o ] || output=$2; shift; done
  ${options.beforeBuild ?? ":"}
  case "$1" in ${versions} esac
  printf '#!/bin/sh\\necho built %s\\n' "$version" > "$output"
  chmod 755 "$output" ;;
mod)
  at=$4 dir=${this.root}/modules/$4
  mkdir -p "$dir/install/kubernetes/cilium" "$dir/config/base/crds/bases" "$dir/core/config/crd/bases"
  mkdir -p "$dir/pkg/k8s/apis/cilium.io/client/crds/v2"
  : > "$dir/install/kubernetes/cilium/Chart.yaml"
  : > "$dir/config/base/crds/bases/metal3.io_baremetalhosts.yaml"
  : > "$dir/pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnodes.yaml"
  mkdir -p "$dir/bpf"
  : > "$dir/bpf/bpf_lxc.c"
  mkdir -p "$dir/images/cilium" "$dir/plugins/cilium-cni"
  : > "$dir/images/cilium/init-container.sh"
  : > "$dir/plugins/cilium-cni/install-plugin.sh"
  sum=$(grep -F "\${at%@*} \${at#*@} " go.sum); sum=\${sum##* }
  printf '{"Dir": "%s", "Sum": "%s"}\\n' "$dir" "${options.sum ?? "$sum"}" ;;
esac`,
    );
  }

  /** Every process that a fake saw, as `name arguments`. */
  started(): string[] {
    return fs
      .readFileSync(this.calls, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  }

  forget(): void {
    fs.writeFileSync(this.calls, "");
  }

  readonly progress = (event: ToolchainEvent): void => {
    this.events.push(event);
  };

  get options() {
    return { environment: this.environment, modules: MODULES };
  }

  remove(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }

  private script(name: string, body: string, folder = this.bin): string {
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, name);
    fs.writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> ${this.calls}\n${body}\n`, { mode: 0o755 });
    return file;
  }
}
