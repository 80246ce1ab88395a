import assert from "node:assert/strict";
import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cgroupRoot } from "../../lab/nodes/cgroup";
import { missingForAgents } from "../../lab/nodes/requirements";

const program = path.join(__dirname, "..", "..", "lab", "rehearse.ts");
const real = ["--import", "tsx", program, "--cilium", "real"];
const missing = missingForAgents();

function rehearse(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [...real, ...args], { encoding: "utf8", maxBuffer: 64e6 });
}

function output(command: string, ...args: readonly string[]): string {
  return spawnSync(command, args, { encoding: "utf8" }).stdout;
}

/** The cgroups of all labs: another one may run meanwhile. */
function labs(): readonly string[] {
  return fs.readdirSync(cgroupRoot() ?? "").filter((name) => name.startsWith("metal-lab-"));
}

/** Whether the cgroup of a lab has no process any more. */
function isEmpty(name: string): boolean {
  const events = path.join(cgroupRoot() ?? "", name, "cgroup.events");
  return !fs.existsSync(events) || /^populated 0$/m.test(fs.readFileSync(events, "utf8"));
}

/** What agents would change if they ran on the machine itself. */
function machine(): Readonly<Record<string, unknown>> {
  const settings = ["net.ipv4.ip_forward", "net.ipv4.conf.all.rp_filter", "kernel.unprivileged_bpf_disabled"];
  const folder = (place: string) => (fs.existsSync(place) ? fs.readdirSync(place).sort() : []);
  return {
    links: output("ip", "-br", "link").replace(/@\S+/g, ""),
    routes: output("ip", "route", "show", "table", "all"),
    rules: output("iptables-save").replace(/^#.*$|\[\d+:\d+\]/gm, ""),
    settings: settings.map((name) => fs.readFileSync(`/proc/sys/${name.replaceAll(".", "/")}`, "utf8")),
    run: ["/run", "/run/cilium", "/run/netns", "/var/lib/cilium", "/etc/cni/net.d", "/sys/fs/bpf"].map(
      folder,
    ),
    cgroups: labs().filter(isEmpty),
    mounts: fs.readFileSync("/proc/self/mounts", "utf8"),
  };
}

describe("npm run rehearse -- --cilium real", () => {
  if (missing.length > 0) {
    it.skip(`not tried: real Cilium needs ${missing.join(", ")}`);
    return;
  }

  it("leaves nothing but empty cgroups when it is killed while agents run", async () => {
    const before = machine();
    const others = labs();
    const child = spawn(process.execPath, [...real, "--keep"], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
    while (!/node \S+ is Ready/.test(text)) {
      assert.equal(child.exitCode, null, text.slice(-3000));
      await sleep(500);
    }
    const own = labs().filter((name) => !others.includes(name) && !isEmpty(name));
    assert.equal(own.length, 1, own.join());
    child.kill("SIGKILL");
    const remaining = () => ({ ...machine(), cgroups: undefined });
    const deadline = Date.now() + 30_000;
    const expected = { ...before, cgroups: undefined };
    const isOver = () => own.every(isEmpty) && JSON.stringify(remaining()) === JSON.stringify(expected);
    while (Date.now() < deadline && !isOver()) await sleep(500);
    assert.deepEqual(remaining(), expected);
    assert.deepEqual(
      own.filter((name) => !isEmpty(name)),
      [],
    );
  });

  it("makes capi-1 with Cilium's own programs, sends traffic, and leaves the machine as it was", () => {
    const before = { ...machine(), cgroups: [] };
    const run = rehearse("--json");
    assert.equal(run.status, 0, run.stderr.slice(-6000));
    const result = JSON.parse(run.stdout) as { contradictions: string[]; statements: number };
    assert.deepEqual(result.contradictions, []);
    // One with simulated agents has 17.
    assert.ok(result.statements >= 25);
    assert.match(run.stderr, /pods reach pods on other nodes/);
    assert.match(run.stderr, /Cilium's agents, operator, CNI plugin, BGP +real +v1\.19\.5/);
    assert.match(run.stderr, /Envoy +absent/);
    // Also without the cgroups of the one that was killed.
    assert.deepEqual(machine(), before);
  });

  it("names the address that agents without kube-proxy cannot reach, and goes on when it is corrected", () => {
    const run = rehearse("--json", "--fault", "api-host-missing");
    assert.equal(run.status, 0, run.stderr.slice(-6000));
  });
});
