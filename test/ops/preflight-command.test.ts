import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { controller } from "../preflight/installed";
import { AgreeableApi } from "../program/run-program";
import { exampleText, metal, projectWith } from "./command-line";

const renderFile = path.join(__dirname, "../program/render.yaml");

describe("npm run metal -- preflight", () => {
  let api: AgreeableApi;
  let kubeconfig = "";
  beforeEach(async () => {
    api = new AgreeableApi();
    kubeconfig = await api.listen();
  });
  afterEach(() => api.stop());

  /** A project whose stack goes to this management cluster; its endpoint is an address that nobody holds. */
  function project(): string {
    const text = exampleText
      .replace("context: management", "context: management\n    kubeconfig: kubeconfig")
      .replace("provider: kube-vip", "provider: external");
    const directory = projectWith({ "Pulumi.capi-1.yaml": text });
    fs.copyFileSync(kubeconfig, path.join(directory, "kubeconfig"));
    return directory;
  }

  /** A folder for PATH with a Cilium CLI that runs this shell script. */
  function cli(directory: string, script: string): NodeJS.ProcessEnv {
    fs.mkdirSync(path.join(directory, "bin"));
    fs.writeFileSync(path.join(directory, "bin/cilium"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { PATH: `${path.join(directory, "bin")}:${process.env["PATH"] ?? ""}` };
  }

  it("says of each check what it looked at, and ends with 0", async () => {
    const directory = project();
    const env = cli(directory, `cat >/dev/null; test -z "$KUBERNETES_SERVICE_HOST" && cat ${renderFile}`);
    const { code, out, err } = await metal(directory, ["preflight"], env);
    assert.equal(code, 0, out + err);
    assert.match(
      out,
      /holds {4}management\/reachable: http:\/\/127\.0\.0\.1:\d+ answers, Kubernetes v1\.36\.3/,
    );
    assert.match(out, /holds {4}cilium\/chart-rendered: Cilium 1\.19\.5, \d+ objects/);
    assert.match(out, /n\/a {6}image\/url-answers: checked only by npm run metal -- preflight --network/);
    assert.match(out, /\n\d+ hold, 0 errors, 0 warnings, 0 unknown, \d+ not applicable\n$/);
  });

  it("ends with 1 for a finding, at its place in the stack file, and with 2 when something could not be told", async () => {
    api.put(controller("baremetal-operator", "v0.9.0"));
    const found = await metal(project(), ["preflight", "--only", "providers"]);
    assert.equal(found.code, 1);
    assert.match(
      found.out,
      /Pulumi\.capi-1\.yaml:\d+:\d+ error providers\/versions-supported management\.context: the baremetal-operator is v0\.9\.0/,
    );
    assert.doesNotMatch(found.out, /hosts\//);
    const unknowns = await metal(project(), ["preflight", "--only", "cilium/chart-rendered"], {
      PATH: "/nowhere",
    });
    assert.equal(unknowns.code, 2);
    assert.match(unknowns.out, /unknown {2}cilium\/chart-rendered: the Cilium CLI is not on PATH/);
  });

  it("tells a program every verdict, with --json", async () => {
    const { out } = await metal(project(), ["preflight", "--only", "management,hosts", "--json"], {
      PATH: "/nowhere",
    });
    const { subject, verdicts } = JSON.parse(out) as {
      subject: string;
      verdicts: { id: string; outcome: string }[];
    };
    assert.equal(subject, "capi-1");
    assert.ok(verdicts.some(({ id, outcome }) => id === "hosts/selectable" && outcome === "holds"));
    assert.ok(verdicts.every(({ id }) => /^(management|hosts)\//.test(id)));
  });

  it("finds a chart that the CLI refuses", async () => {
    const directory = project();
    const script = 'printf "\\nError: Unable to install Cilium: cilium version unsupported\\n" >&2; exit 1';
    const { code, out } = await metal(directory, ["preflight", "--only", "cilium"], cli(directory, script));
    assert.equal(code, 1);
    assert.match(
      out,
      /cilium\/chart-rendered cilium: Cilium 1\.19\.5 could not be rendered.* cilium version unsupported/,
    );
  });

  it("names the areas there are when another is asked for", async () => {
    const { code, err } = await metal(project(), ["preflight", "--only", "host"]);
    assert.equal(code, 2);
    assert.match(err, /there is no area or check "host"; areas are management, providers, lifecycle, hosts/);
  });

  it("asks nobody while the stack file itself is wrong", async () => {
    const directory = projectWith({ "Pulumi.a.yaml": exampleText.replace("replicas: 3", "replicas: 2") });
    const { code, out, err } = await metal(directory, ["preflight"]);
    assert.equal(code, 1);
    assert.match(out, /etcd\/member-count-odd/);
    assert.match(err, /run once the stack file has no errors/);
    assert.deepEqual(api.requests, []);
  });

  it("asks the live world about a stack whose findings are accepted", async () => {
    const directory = project();
    const file = path.join(directory, "Pulumi.capi-1.yaml");
    const text = fs.readFileSync(file, "utf8").replace("replicas: 3", "replicas: 2");
    const accept = "  metal:accept:\n    - { id: etcd/member-count-odd, reason: a test bench }\n";
    fs.writeFileSync(file, text);
    assert.match((await metal(directory, ["preflight"])).out, /etcd\/member-count-odd/);
    fs.writeFileSync(file, text.trimEnd() + "\n" + accept);
    const { out, err } = await metal(directory, ["preflight"]);
    assert.doesNotMatch(out + err, /once the stack file itself is right/);
  });

  it("changes nothing", async () => {
    await metal(project(), ["preflight"], { PATH: "/nowhere" });
    const changing = api.requests.filter(
      (request) =>
        !request.startsWith("GET ") && !request.includes("dryRun=All") && !/reviews$/.test(request),
    );
    assert.deepEqual(changing, []);
    assert.ok(api.requests.length > 30);
  });
});
