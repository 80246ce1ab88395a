import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { runMetal } from "../../ops/commands/run";
import { healthyWorld } from "../verify/healthy";
import { FakeApi } from "../wait/fake-api";
import { clusterProject, kubeconfigSecret } from "./cluster-project";
import { metal } from "./command-line";
import { commandOnPath } from "./stub-command";

const ends = "2027-03-01";

/** A kubeconfig whose client certificate ends on that day. */
async function kubeconfigUntil(server: string): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=kubernetes-admin",
    notBefore: new Date("2026-03-01T00:00:00Z"),
    notAfter: new Date(`${ends}T00:00:00Z`),
    keys,
    signingAlgorithm: algorithm,
  });
  const data = Buffer.from(certificate.toString("pem")).toString("base64");
  const config = JSON.parse(server) as Record<string, unknown>;
  return JSON.stringify({ ...config, users: [{ name: "fake", user: { "client-certificate-data": data } }] });
}

describe("npm run metal -- kubeconfig", () => {
  const management = new FakeApi();
  const workload = new FakeApi();
  let directory = "";
  let kubeconfig = "";
  before(async () => {
    await Promise.all([management.start(), workload.start()]);
    kubeconfig = await kubeconfigUntil(workload.kubeconfig());
  });
  after(() => Promise.all([management.stop(), workload.stop()]));
  beforeEach(() => {
    directory = clusterProject(management, workload, healthyWorld());
    management.put(kubeconfigSecret(kubeconfig));
  });

  it("writes it where nobody else can read it, and says when its certificate ends", async () => {
    const { code, out, err } = await metal(directory, ["kubeconfig"]);
    assert.deepEqual([code, out], [0, ".metal/kubeconfig/capi-1\n"]);
    assert.equal(err, `.metal/kubeconfig/capi-1: its certificate ends on ${ends}, in 96 days\n`);
    const file = path.join(directory, ".metal/kubeconfig/capi-1");
    assert.equal(fs.readFileSync(file, "utf8"), kubeconfig);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  });

  it("does not write over another file unasked, and takes a new mode when it does", async () => {
    const file = path.join(directory, "mine");
    fs.writeFileSync(file, "somebody's own", { mode: 0o644 });
    const refused = await metal(directory, ["kubeconfig", "--output", "mine"]);
    assert.equal(refused.code, 4);
    assert.match(refused.err, /mine is there and holds something else; write over it with --force/);
    assert.equal(fs.readFileSync(file, "utf8"), "somebody's own");
    assert.equal((await metal(directory, ["kubeconfig", "--output", "mine", "--force"])).code, 0);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.equal(
      (await metal(directory, ["kubeconfig", "--output", "mine"])).code,
      0,
      "the same again is no loss",
    );
  });

  it("prints it into a pipe, and on no terminal", async () => {
    const piped = await metal(directory, ["kubeconfig", "--output", "-"]);
    assert.deepEqual([piped.code, piped.out], [0, `${kubeconfig}\n`]);
    const shown = { out: "", err: "" };
    const code = await runMetal(["kubeconfig", "--output", "-"], {
      out: (text) => (shown.out += text),
      err: (text) => (shown.err += text),
      interactive: true,
      colours: false,
      directory,
      env: {},
      now: () => new Date("2026-11-25T00:00:00Z"),
    });
    assert.deepEqual([code, shown.out], [4, ""]);
    assert.match(shown.err, /would show an administrator's key on the terminal/);
  });

  it("ends with 2 while there is no cluster", async () => {
    management.remove(kubeconfigSecret(kubeconfig));
    const { code, err } = await metal(directory, ["kubeconfig"]);
    assert.equal(code, 2);
    assert.match(err, /Secret capi-1\/capi-1-kubeconfig not found: the cluster has not been created yet/);
  });

  it("takes none that would run a program here", async () => {
    const planted = path.join(directory, "planted");
    const config = JSON.parse(kubeconfig) as Record<string, unknown>;
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "touch", args: [planted] };
    management.put(
      kubeconfigSecret(JSON.stringify({ ...config, users: [{ name: "fake", user: { exec } }] })),
    );
    for (const argv of [["kubeconfig"], ["sysdump"], ["status"], ["verify"]]) {
      const { out, err } = await metal(directory, argv, commandOnPath("cilium", "exit 1"));
      if (argv[0] !== "verify")
        assert.match(out + err, /has exec, which would run a program/, argv.join(" "));
      assert.ok(!fs.existsSync(planted), argv.join(" "));
    }
    assert.ok(!fs.existsSync(path.join(directory, ".metal/kubeconfig/capi-1")));
  });

  it("gives the Cilium CLI the same kubeconfig for a sysdump, and names the archive", async () => {
    const log = path.join(directory, "log");
    const env = commandOnPath("cilium", `printf '%s ' "$@" >${log}; cat "$KUBECONFIG" >${log}.kubeconfig`);
    const { code, out } = await metal(directory, ["sysdump", "--quick"], env);
    const name = "cilium-sysdump-capi-1-2026-11-25T000000";
    assert.deepEqual([code, out], [0, `${name}.zip\n`]);
    assert.equal(
      fs.readFileSync(log, "utf8"),
      `sysdump --output-filename ${path.join(directory, name)} --hubble-flows-count 0 --quick `,
    );
    assert.equal(fs.readFileSync(`${log}.kubeconfig`, "utf8"), kubeconfig);
    const missing = await metal(directory, ["sysdump"], { PATH: "/nowhere" });
    assert.equal(missing.code, 2);
    assert.match(missing.err, /the Cilium CLI is not on PATH/);
  });
});
