import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { planCluster } from "../../model/plan/plan-cluster";
import { renderedText } from "../../ops/cilium/render";
import { stackWith } from "../model/stacks";
import { ciliumRenderOf } from "../program/recorded-render";
import { exampleText, metal, projectWith } from "./command-line";
import { commandOnPath } from "./stub-command";

describe("npm run metal -- render", () => {
  const directory = projectWith({ "Pulumi.capi-1.yaml": exampleText, "render.yaml": ciliumRenderOf() });
  const playing = (file: string) =>
    commandOnPath("cilium", `cat >/dev/null; cat ${path.join(directory, file)}`);

  it("prints the manifest alone on standard output, so that it can be piped", async () => {
    const { code, out, err } = await metal(directory, ["render"], playing("render.yaml"));
    assert.deepEqual([code, out], [0, ciliumRenderOf()]);
    assert.match(err, /^capi-1: \d+ objects, every proof holds\n$/);
  });

  it("writes a file when told, and prints nothing then", async () => {
    const { out } = await metal(directory, ["render", "--output", "made.yaml"], playing("render.yaml"));
    assert.equal(out, "");
    assert.equal(fs.readFileSync(path.join(directory, "made.yaml"), "utf8"), ciliumRenderOf());
  });

  it("has the text that Pulumi's Command hands on: without the last line break", async () => {
    const env = { ...process.env, ...playing("render.yaml") };
    const { text } = await renderedText(planCluster(stackWith()).cilium, directory, env);
    assert.equal(`${text ?? ""}\n`, ciliumRenderOf());
  });

  it("leaves Secrets out and says how many", async () => {
    const secret = "---\napiVersion: v1\nkind: Secret\nmetadata: { name: s, namespace: kube-system }\n";
    fs.writeFileSync(path.join(directory, "secret.yaml"), `${ciliumRenderOf()}${secret}`);
    const { out, err } = await metal(directory, ["render"], playing("secret.yaml"));
    assert.equal(out, ciliumRenderOf());
    assert.match(err, /and 1 Secrets left out/);
  });

  it("ends with 1 and what is wrong where a proof fails", async () => {
    const deadlocked = ciliumRenderOf().replaceAll("KUBERNETES_SERVICE_HOST", "SOMETHING_ELSE");
    fs.writeFileSync(path.join(directory, "deadlocked.yaml"), deadlocked);
    const { code, out, err } = await metal(directory, ["render"], playing("deadlocked.yaml"));
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /error {4}render\/agent-api-host/);
  });

  it("ends with 2 where no Cilium CLI is there", async () => {
    const { code, err } = await metal(directory, ["render"], { PATH: "/nowhere" });
    assert.equal(code, 2);
    assert.match(err, /the Cilium CLI is not on PATH/);
  });
});
