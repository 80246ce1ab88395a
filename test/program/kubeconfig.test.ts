import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { AgreeableApi, configure, runProgram } from "./run-program";

const stackFile = path.join(__dirname, "../../Pulumi.capi-1.yaml");

describe("the kubeconfig of the management cluster in the program", () => {
  const api = new AgreeableApi();
  const saved = { ...process.env };
  let file = "";
  before(async () => {
    file = await api.listen();
  });
  after(() => api.stop());
  afterEach(() => {
    for (const name of ["KUBECONFIG", "HOME", "PULUMI_K8S_DELETE_UNREACHABLE"]) {
      if (saved[name] === undefined) delete process.env[name];
      else process.env[name] = saved[name];
    }
  });

  const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), "metal-home-"));
  const useVariable = () =>
    configure(stackFile, file, (config) => {
      const management = { ...(config["metal:management"] as object), kubeconfig: undefined };
      config["metal:management"] = JSON.parse(JSON.stringify(management)) as object;
    });
  const providers = async () => {
    const { resources } = await runProgram(false);
    return resources.filter(({ type }) => type === "pulumi:providers:kubernetes");
  };

  it("may be several files, or ~/.kube/config of another home: no provider has other inputs", async () => {
    const other = path.join(folder(), "other");
    fs.writeFileSync(other, JSON.stringify({ contexts: [{ name: "elsewhere", context: {} }] }));
    useVariable();
    process.env["KUBECONFIG"] = `${other}:${file}`;
    const fromTwoFiles = await providers();

    const home = folder();
    fs.mkdirSync(path.join(home, ".kube"));
    fs.copyFileSync(file, path.join(home, ".kube", "config"));
    delete process.env["KUBECONFIG"];
    process.env["HOME"] = home;
    process.env["PULUMI_K8S_DELETE_UNREACHABLE"] = "true";
    const fromHome = await providers();

    assert.equal(fromTwoFiles.length, 2);
    assert.deepEqual(fromHome, fromTwoFiles);
    const management = fromHome.find(({ name }) => name === "management");
    assert.ok(!Object.hasOwn(management?.inputs as object, "kubeconfig"));
  });

  it("is refused before anything is rendered where no file has the context", async () => {
    const other = path.join(folder(), "other");
    fs.writeFileSync(other, JSON.stringify({ contexts: [{ name: "elsewhere", context: {} }] }));
    useVariable();
    process.env["KUBECONFIG"] = other;
    const render = () => assert.fail("the Cilium CLI was called");
    await assert.rejects(
      runProgram(true, render),
      /"management" cannot be used from this machine; nothing was changed: context "management" is not in the kubeconfig: .*has elsewhere[^]*fix: set \$KUBECONFIG/,
    );
  });

  it("is refused as a file of the repository that starts a program, in an offline preview too", async () => {
    const inProject = path.join(process.cwd(), ".metal", `${process.pid}.kubeconfig`);
    const users = [{ name: "u", user: { exec: { command: "touch", args: ["PLANTED"] } } }];
    fs.mkdirSync(path.dirname(inProject), { recursive: true });
    fs.writeFileSync(inProject, JSON.stringify({ users }));
    configure(stackFile, file, (config) => {
      const management = {
        ...(config["metal:management"] as object),
        kubeconfig: inProject,
        offlinePreview: true,
      };
      config["metal:management"] = management;
    });
    const render = () => assert.fail("the Cilium CLI was called");
    try {
      await assert.rejects(
        runProgram(true, render),
        /kubeconfig "\.metal\/.*" of the repository has exec, which/,
      );
    } finally {
      fs.rmSync(inProject);
    }
  });
});
