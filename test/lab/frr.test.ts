import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { planCluster } from "../../model/plan/plan-cluster";
import { frrConfiguration } from "../../model/bgp/router/frr";
import { mergeRouters } from "../../model/bgp/router/merge";
import { comparable } from "../../model/bgp/router/running-configuration";
import { topologies } from "../bgp/topologies";

const bgpd = "/usr/lib/frr/bgpd";
const installed = fs.existsSync(bgpd);
const why = installed ? "" : " (skipped: FRR is not installed; apt-get install frr)";
/** bgpd's complaints about its own surroundings, which say nothing about the configuration. */
const noise = /Graceful restart configuration changed|failed to mkdir|crashlog|^\s*$/;

const routers = topologies().flatMap(({ name, stacks }) =>
  mergeRouters(stacks.flatMap((stack) => planCluster(stack).routers)).routers.map((router) => ({
    title: `${name}/${router.name}.conf`,
    router,
  })),
);

describe(`the router's half of BGP in a real FRR${why}`, () => {
  const test = installed ? it : it.skip;
  let folder = "";
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-frr-"));
    // vtysh wants a file of its own, and without one reads the machine's.
    fs.writeFileSync(path.join(folder, "vtysh.conf"), "");
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  const write = (text: string): string => {
    const file = path.join(folder, "frr.conf");
    fs.writeFileSync(file, text);
    return file;
  };
  const run = (command: string, ...args: readonly string[]) =>
    childProcess.spawnSync(command, [...args], { encoding: "utf8" });
  const vtysh = (file: string) => run("vtysh", "--config_dir", folder, "-C", "-f", file);
  const daemon = ["-S", "-Z", "-n", "-z", "z", "--vty_socket", ".", "-i", "pid", "--log-level", "errors"];
  // bgpd -C ends with 0 whatever it read, so its words count.
  const complaints = (file: string) => {
    const places = daemon.map((arg) => (["z", ".", "pid"].includes(arg) ? path.join(folder, arg) : arg));
    const { stderr, stdout } = run(bgpd, ...places, "-p", "0", "-C", "-f", file);
    return `${stderr}\n${stdout}`.split("\n").filter((line) => !noise.test(line));
  };

  for (const { title, router } of routers) {
    test(`is accepted by both parsers: ${title}`, () => {
      const file = write(frrConfiguration(router));
      const parsed = vtysh(file);
      assert.deepEqual([parsed.status, parsed.stdout, parsed.stderr], [0, "", ""]);
      assert.deepEqual(complaints(file), []);
    });

    test(`is what a running bgpd says it has: ${title}`, async () => {
      const text = frrConfiguration(router);
      const file = write(text);
      const places = daemon.map((arg) => (["z", ".", "pid"].includes(arg) ? path.join(folder, arg) : arg));
      const running = childProcess.spawn(bgpd, [...places, "-p", "0", "-P", "0", "-f", file], {
        stdio: "ignore",
      });
      try {
        const ask = [
          "--config_dir",
          folder,
          "--vty_socket",
          folder,
          "-d",
          "bgpd",
          "-c",
          "show running-config",
        ];
        let answer = run("vtysh", ...ask);
        for (let tries = 0; tries < 50 && !answer.stdout.includes("router bgp"); tries += 1) {
          await delay(100);
          answer = run("vtysh", ...ask);
        }
        assert.equal(comparable(answer.stdout, router), comparable(text, router));
      } finally {
        running.kill();
      }
    });
  }

  test("refuses a wrong line and a wrong order, so that silence above means something", () => {
    assert.equal(vtysh(write("router bgp 65001\n bgp log-neighbour-changes\n")).status, 2);
    const early = write("router bgp 65001\n neighbor 192.0.2.1 peer-group absent\n");
    assert.notDeepEqual(complaints(early), []);
  });
});
