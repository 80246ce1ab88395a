import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const SCRIPT = path.resolve(__dirname, "../../lab/toolchain/cilium-shim/cilium.sh");

/** Runs the shim with a Helm that prints the values files it was given, and returns the first of them. */
function defaultsFor(values: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-shim-"));
  try {
    const chart = path.join(folder, "cilium-1.19.5");
    fs.mkdirSync(chart);
    fs.writeFileSync(path.join(chart, "Chart.yaml"), "name: cilium\n");
    const helm = path.join(folder, "helm");
    fs.writeFileSync(
      helm,
      '#!/bin/sh\necho NAME: cilium\necho MANIFEST:\nwhile [ "$1" != -f ]; do shift; done\ncat "$2"\n',
      {
        mode: 0o755,
      },
    );
    const file = path.join(folder, "values.yaml");
    fs.writeFileSync(file, values);
    return childProcess.execFileSync("/bin/sh", [SCRIPT, "install", "--dry-run", "--values", file], {
      encoding: "utf8",
      env: { ...process.env, METAL_HELM: helm, METAL_CILIUM_CHARTS: folder, METAL_CILIUM_VERSION: "1.19.5" },
    });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

describe("the cilium shim's tunnel default", () => {
  const operator = "operator: {replicas: 1}\n";
  const tunnel = `${operator}routingMode: tunnel\ntunnelProtocol: vxlan\n`;

  const without: Record<string, string> = {
    "a block key": "cluster: {name: a}\nroutingMode: native\n",
    "a quoted key": '"routingMode": native\n',
    "a key before a spaced colon": "# first\n---\nroutingMode : native\n",
    JSON: '{"cluster": {"name": "a"}, "routingMode": "native"}',
    "JSON over several lines": '{\n  "a": [1, {"b": 2}],\n  "routingMode": "native"\n}\n',
  };
  for (const [name, values] of Object.entries(without)) {
    it(`stays away for ${name}`, () => assert.equal(defaultsFor(values), operator));
  }

  const withTunnel: Record<string, string> = {
    "empty values": "",
    "a nested key": "x:\n  routingMode: native\n",
    "a nested JSON key": '{"x": {"routingMode": "native"}}',
    "a JSON value of that name": '{"x": "routingMode\\":", "y": ["routingMode"]}',
    "a longer key": "routingModeX: native\n",
    "a comment": "# routingMode: native\nx: 1\n",
  };
  for (const [name, values] of Object.entries(withTunnel)) {
    it(`is there for ${name}`, () => assert.equal(defaultsFor(values), tunnel));
  }
});
