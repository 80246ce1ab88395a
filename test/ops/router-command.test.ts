import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import type { RawStack } from "../model/stacks";
import { topologies } from "../bgp/topologies";
import { metal, projectWith } from "./command-line";

const golden = path.join(__dirname, "../golden/router/three-stacks/edge.conf");
const recorded = path.join(__dirname, "../bgp/recorded/frr-8.4.4-running-config.txt");
/** Without decryption, any text of this form is an encrypted value. */
let secrets = 0;
const encrypted = () => ({ secure: `v1:AAAAAAAAAAAAAAAA:${String((secrets += 1)).padStart(40, "A")}` });

function hidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    key === "password" ? encrypted() : hidden(inner),
  ]);
  return Object.fromEntries(entries) as object;
}

/** A project with the three stacks that share a router. */
function project(change: (raw: RawStack[]) => void = () => undefined): string {
  const found = topologies().find(({ name }) => name === "three-stacks");
  assert.ok(found);
  const raw = structuredClone(found.raw) as RawStack[];
  change(raw);
  const files = raw.map((stack) => {
    const config = Object.entries(stack).map(([key, value]) => [`metal:${key}`, hidden(value)]);
    return [
      `Pulumi.${String(stack["name"])}.yaml`,
      stringify({ config: Object.fromEntries(config) as object }),
    ];
  });
  return projectWith(Object.fromEntries(files) as Record<string, string>);
}

/** A folder for PATH with a program that runs this shell script. */
function withProgram(directory: string, name: string, script: string): NodeJS.ProcessEnv {
  const bin = path.join(directory, "bin");
  fs.mkdirSync(bin, { recursive: true });
  fs.writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
}

const firstRouter = (raw: RawStack | undefined) =>
  (raw?.["bgp"] as { routers: Record<string, unknown>[] }).routers[0] ?? {};

describe("npm run metal -- router", () => {
  it("merges the stacks of one router into one configuration", async () => {
    const { code, out } = await metal(project(), ["router", "--all-stacks"]);
    assert.equal(code, 0);
    assert.equal(out, fs.readFileSync(golden, "utf8"));
  });

  it("writes one file per router and prints its name", async () => {
    const directory = project();
    const { code, out } = await metal(directory, ["router", "--all-stacks", "--write", "routers"]);
    assert.deepEqual([code, out], [0, "routers/edge.conf\n"]);
    assert.equal(
      fs.readFileSync(path.join(directory, "routers/edge.conf"), "utf8"),
      fs.readFileSync(golden, "utf8"),
    );
  });

  it("lists what the stacks do not agree on, and writes nothing", async () => {
    const directory = project((raw) => {
      firstRouter(raw[1])["asn"] = 65002;
      const network = raw[2]?.["network"] as Record<string, unknown>;
      network["pods"] = ["10.244.0.0/16"];
    });
    const { code, out, err } = await metal(directory, ["router", "--all-stacks"]);
    assert.deepEqual([code, out], [1, ""]);
    assert.match(
      err,
      /router\/asn-agreed {2}capi-2: bgp\.routers\.edge\n {2}asn 65002, but capi-1 has 65001/,
    );
    assert.match(err, /router\/prefixes-disjoint {2}capi-3: .*\n {2}10\.244\.0\.0\/16 of capi-3 overlaps/);
  });

  it("refuses a stack that its checks refuse, by name", async () => {
    const directory = project((raw) => (firstRouter(raw[1])["description"] = "a\nexit"));
    const { code, out, err } = await metal(directory, ["router", "--all-stacks"]);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, /stack capi-2 is refused[^]*bgp\/description-plain/);
  });

  it("names the routers there are", async () => {
    const { code, err } = await metal(project(), ["router", "--stack", "capi-1", "--router", "egde"]);
    assert.equal(code, 2);
    assert.match(err, /no router "egde"; did you mean "edge"\?/);
  });

  describe("--against", () => {
    const against = (text: string, options: readonly string[] = ["--all-stacks"]) => {
      const directory = project();
      const file = path.join(directory, "running.txt");
      fs.writeFileSync(file, text);
      return metal(directory, ["router", ...options, "--against", file]);
    };
    const running = fs.readFileSync(recorded, "utf8");

    it("a router that runs it says so, with what was compared", async () => {
      const { code, out } = await against(running);
      assert.equal(code, 0, out);
      assert.match(out, /^edge runs what capi-1, capi-2, capi-3 want: \d+ lines compared/);
    });

    it("leaves what belongs to others alone", async () => {
      const others = running
        .replace(" bgp graceful-restart\n", " bgp graceful-restart\n neighbor 192.0.2.1 remote-as 65077\n")
        .concat(
          "ip prefix-list OTHERS seq 5 permit 192.0.2.0/24\ninterface eth0\n ip address 192.0.2.9/24\n",
        );
      assert.equal((await against(others)).code, 0);
      assert.equal((await against(running, ["--stack", "capi-2"])).code, 1, "graceful restart is capi-1's");
    });

    it("shows a missing neighbour, a left-over one and a wider filter, and no password", async () => {
      const { code, out } = await against(
        running
          .replace(" neighbor 10.250.250.23 peer-group capi-1_edge_v4\n", "")
          .replace(
            " neighbor 10.250.250.22 peer-group capi-1_edge_v4\n",
            (line) => `${line}${line.replace("250.22", "250.99")}`,
          )
          .replace("permit 10.244.0.0/16 ge 24 le 24", "permit 10.244.0.0/16 le 32")
          .replace("<password-of-capi-1/edge>", "s3cret-value"),
      );
      assert.equal(code, 1);
      assert.match(out, /^\+neighbor 10\.250\.250\.23 peer-group capi-1_edge_v4$/m);
      assert.match(out, /^-neighbor 10\.250\.250\.99 peer-group capi-1_edge_v4$/m);
      assert.match(out, /^-ip prefix-list capi-1_edge_v4_in seq 5 permit 10\.244\.0\.0\/16 le 32$/m);
      assert.ok(!out.includes("s3cret-value"));
    });

    it("notices a router that accepts routes without a policy", async () => {
      const { out } = await against(running.replace(/^ bgp log/m, " no bgp ebgp-requires-policy\n bgp log"));
      assert.match(out, /^-no bgp ebgp-requires-policy$/m);
      const datacenter = await against(
        running.replace("frr defaults traditional", "frr defaults datacenter"),
      );
      assert.match(datacenter.out, /^\+bgp ebgp-requires-policy$/m);
    });

    it("begins with what stands in the way, and with lines that act on the neighbours of others", async () => {
      const { code, out } = await against(
        running.replace(
          " bgp graceful-restart\n",
          " no bgp ebgp-requires-policy\n neighbor OLD peer-group\n neighbor OLD remote-as 65099\n" +
            " bgp listen range 10.250.251.0/25 peer-group OLD\n",
        ),
      );
      assert.equal(code, 1);
      assert.match(
        out,
        /^edge serves others too \(OLD\): 1 conflict with what runs, 2 planned lines act on the whole router\nerror router\/running-listen-range/,
      );
      assert.match(out, /^warning router\/whole-router {2}edge: bgp ebgp-requires-policy$/m);
      assert.match(out, /^\+\+\+ edge \(planned\)/m);
    });

    it("reports conflicts also where all planned lines run, and ends with 1 for an error only", async () => {
      const conflicting = await against(
        running.replace(
          " bgp graceful-restart\n",
          " bgp graceful-restart\n neighbor OLD peer-group\n bgp listen range 10.250.251.0/25 peer-group OLD\n",
        ),
      );
      assert.equal(conflicting.code, 1, conflicting.out);
      assert.match(conflicting.out, /^edge serves others too \(OLD\): 1 conflict with what runs/);
      assert.match(conflicting.out, /^error router\/running-listen-range {2}edge: bgp listen range /m);
      assert.match(
        conflicting.out,
        /^edge runs every line that capi-1, capi-2, capi-3 want, and conflicts with them: \d+ lines compared/m,
      );
      const shared = await against(
        running
          .replace(" bgp graceful-restart\n", (line) => `${line} neighbor 192.0.2.1 remote-as 65077\n`)
          .replace("  maximum-paths", "  neighbor 192.0.2.1 prefix-list OTHERS in\n  maximum-paths")
          .concat("ip prefix-list OTHERS seq 5 permit 10.244.0.0/16 le 24\n"),
      );
      assert.equal(shared.code, 0, shared.out);
      assert.match(shared.out, /^warning router\/running-prefixes {2}edge: neighbor 192\.0\.2\.1 /m);
      assert.match(shared.out, /^edge runs what capi-1, capi-2, capi-3 want/m);
    });

    it("asks over ssh with the running configuration's command only", async () => {
      const directory = project();
      const env = withProgram(directory, "ssh", `printf '%s|' "$@" > ssh-words; cat "${recorded}"`);
      const words = path.join(directory, "ssh-words");
      const before = process.cwd();
      process.chdir(directory);
      try {
        const options = ["router", "--all-stacks", "--against", "ssh://admin@192.0.2.1"];
        assert.equal((await metal(directory, options, env)).code, 0);
      } finally {
        process.chdir(before);
      }
      assert.match(
        fs.readFileSync(words, "utf8"),
        /\|--\|ssh:\/\/admin@192\.0\.2\.1\|vtysh -c 'show running-config'\|$/,
      );
      const option = await metal(
        directory,
        ["router", "--all-stacks", "--against", "ssh://-oProxyCommand=x"],
        env,
      );
      assert.match(option.err, /is not an ssh address/);
    });

    it("wants to know which router, and where it is", async () => {
      const { code, err } = await metal(project(), ["router", "--all-stacks", "--against"]);
      assert.equal(code, 2);
      assert.match(err, /router edge has no management address/);
    });
  });

  describe("--show-secrets", () => {
    const show = ["router", "--stack", "capi-1", "--show-secrets"];

    it("puts in what Pulumi decrypts", async () => {
      const directory = project();
      const env = withProgram(directory, "pulumi", `echo "s3cret-$#"`);
      const { code, out } = await metal(directory, show, env);
      assert.equal(code, 0);
      assert.match(out, /^ neighbor capi-1_edge_v4 password s3cret-7$/m);
      const written = await metal(directory, [...show, "--write", "routers"], env);
      assert.equal(written.code, 0);
      assert.equal(fs.statSync(path.join(directory, "routers/edge.conf")).mode & 0o777, 0o600);
    });

    it("ends with 2 where Pulumi is not there, or does not decrypt, or gives what does not fit", async () => {
      const directory = project();
      const absent = await metal(directory, show, { PATH: "/nowhere" });
      assert.equal(absent.code, 2);
      assert.match(absent.err, /only Pulumi can decrypt it/);
      const silent = await metal(
        directory,
        show,
        withProgram(directory, "pulumi", "echo wrong passphrase >&2; exit 1"),
      );
      assert.match(silent.err, /pulumi did not return bgp\.instances\[0\].*wrong passphrase/);
      const odd = await metal(directory, show, withProgram(directory, "pulumi", "printf 'a\\nexit\\n'"));
      assert.deepEqual([odd.code, odd.out], [2, ""]);
    });
  });
});
