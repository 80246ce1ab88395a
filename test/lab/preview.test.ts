import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { projectRoot } from "../../lab/rehearsal/workspace";
import { type EngineAlone, engineAlone } from "./alone";

const management = { context: "management", namespace: "capi-1" };
/** What a production stack of an organisation with policy/config.example.json says, where no cluster can be asked. */
const good = { "metal:management": { ...management, offlinePreview: true }, "metal:protect": undefined };
const key = "-----BEGIN RSA PRIVATE KEY-----\nPLANTED\n-----END RSA PRIVATE KEY-----\n";

describe("previews of the real engine without any cluster", function () {
  this.timeout(120_000);
  let alone: EngineAlone;
  before(async function () {
    this.timeout(40 * 60_000);
    alone = await engineAlone("prod-1");
  });
  after(() => alone.remove());
  beforeEach(() => alone.set({ ...good, "metal:machines": undefined, "metal:accept": undefined }));

  it("refuse a new stack whose management cluster is silent", async () => {
    alone.set({ "metal:management": management });
    const { code, said } = await alone.preview();
    assert.notEqual(code, 0);
    assert.match(said, /the management cluster "management" cannot be reached, nothing was changed: /);
    assert.match(said, /fix: see that kubectl --context management get namespaces answers/);
    assert.match(said, /or: let a new stack's first preview do without it, with management\.offlinePreview/);
    assert.doesNotMatch(said, /\+ +kubernetes:/, "an object was planned");
  });

  it("show all of a new stack that allows it, and name what could not be checked", async () => {
    const { code, said } = await alone.preview();
    assert.equal(code, 0, said);
    assert.match(said, /live preflight: not checked\n +management\/reachable: .*ECONNREFUSED/);
    assert.match(said, /management\/objects-ours/);
    for (const name of ["Cluster/prod-1", "BareMetalHost/capi-1-cp-1", "DaemonSet/kube-system/cilium"])
      assert.ok(said.includes(`${name} create`), name);
  });

  describe("with the policy pack", () => {
    const pack = () => path.join(alone.directory, "pack");
    const preview = () =>
      alone.preview(
        ...["--policy-pack", pack()],
        ...["--policy-pack-config", path.join(pack(), "config.example.json")],
      );
    before(() => {
      fs.cpSync(path.join(projectRoot, "policy"), pack(), {
        recursive: true,
        filter: (file) => path.basename(file) !== "node_modules",
      });
      execFileSync("npm", ["ci", "--prefix", pack(), "--prefer-offline"], { stdio: "pipe" });
    });

    it("are told by owner-named, which is advisory there", async () => {
      const { code, said } = await preview();
      assert.equal(code, 0, said);
      assert.match(said, /\[advisory\] +owner-named .*: Cluster\/prod-1\)/);
    });

    it("are refused by production-protected", async () => {
      alone.set({ "metal:protect": false });
      const { code, said } = await preview();
      assert.notEqual(code, 0);
      assert.match(said, /\[mandatory\] +production-protected .*: Cluster\/prod-1\)/);
      assert.match(said, /of the production stack prod-1 is not protected; remove metal:protect/);
    });

    it("are refused by no-plain-secret, which does not repeat it", async () => {
      const files = [{ path: "/etc/example/tls.key", content: key }];
      // The program refuses a private key by itself, unless the stack file accepts it with a reason.
      const accept = [{ id: "machines/private-keys-secret", reason: "a test of the policy" }];
      alone.set({ "metal:machines": { files }, "metal:accept": accept });
      const { code, said } = await preview();
      assert.notEqual(code, 0);
      assert.match(said, /\[mandatory\] +no-plain-secret .*KubeadmConfigTemplate/);
      assert.match(said, /holds a private key in spec\./);
      assert.doesNotMatch(said, /PLANTED/);
    });

    it("pass when every rule holds", async () => {
      // Last, because `pulumi stack tag rm` leaves a stack's last tag where it is in a state of files (3.248.0).
      const tagged = await alone.engine.query("stack", "tag", "set", "example.com/owner", "net");
      assert.equal(tagged.code, 0, tagged.lines.join("\n"));
      const { code, said } = await preview();
      assert.equal(code, 0, said);
      assert.match(said, /✅ metal@v0\.1\.0/);
      assert.doesNotMatch(said, /\[(?:mandatory|advisory)\]/);
    });
  });
});
