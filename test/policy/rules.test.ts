import assert from "node:assert/strict";
import path from "node:path";
import {
  type DeclaredResource,
  type RuleSettings,
  noPlainSecret,
  owned,
  protectedProduction,
  rules,
} from "../../policy/rules";
import { AgreeableApi, type Registered, configure, runProgram } from "../program/run-program";

const clusterType = "kubernetes:cluster.x-k8s.io/v1beta2:Cluster";
const hostType = "kubernetes:metal3.io/v1alpha1:BareMetalHost";
const resource = (type: string, props: Record<string, unknown> = {}, protect = false): DeclaredResource => ({
  type,
  name: "x",
  props,
  opts: { protect },
});

describe("the policy pack's rules", () => {
  const production: RuleSettings = { productionStacks: ["prod-*", "capi-1"] };

  for (const type of [clusterType, hostType]) {
    it(`production-protected refuses an unprotected ${type.split(":").at(-1)} of a production stack`, () => {
      for (const stack of ["prod-a", "capi-1"]) {
        const [message = ""] = protectedProduction.judge(resource(type), stack, production);
        assert.match(
          message,
          new RegExp(`x of the production stack ${stack} is not protected; remove metal:protect`),
        );
      }
    });
  }

  it("production-protected accepts protected ones, other stacks and other kinds", () => {
    assert.deepEqual(protectedProduction.judge(resource(hostType, {}, true), "prod-a", production), []);
    assert.deepEqual(protectedProduction.judge(resource(hostType), "capi-12", production), []);
    assert.deepEqual(protectedProduction.judge(resource(hostType), "xprod-a", production), []);
    assert.deepEqual(
      protectedProduction.judge(resource("kubernetes:core/v1:ConfigMap"), "prod-a", production),
      [],
    );
  });

  it("production-protected takes any stack with prod in its name for production unless told otherwise", () => {
    assert.equal(protectedProduction.judge(resource(hostType), "eu-prod-1", {}).length, 1);
    assert.equal(protectedProduction.judge(resource(hostType), "lab", {}).length, 0);
  });

  it("owner-named refuses a cluster without the labels or annotations that are asked for, or with empty ones", () => {
    const settings = { ownerKeys: ["example.com/owner", "example.com/pager"] };
    const metadata = { labels: { "example.com/owner": "" }, annotations: { "example.com/pager": "net" } };
    assert.deepEqual(owned.judge(resource(clusterType, { metadata }), "a", settings), [
      "the cluster x does not say its example.com/owner; write it with: pulumi stack tag set example.com/owner VALUE",
    ]);
    assert.equal(owned.judge(resource(clusterType), "a", settings).length, 2);
  });

  it("owner-named accepts the stack's own tags", () => {
    const stackTags = new Map([["example.com/owner", "net"]]);
    const tagged = { ...resource(clusterType), stackTags };
    assert.deepEqual(owned.judge(tagged, "a", { ownerKeys: ["example.com/owner"] }), []);
  });

  it("owner-named accepts a cluster that has them, and asks nothing of other kinds or unless told to", () => {
    const metadata = { labels: { "example.com/owner": "net" } };
    const settings = { ownerKeys: ["example.com/owner"] };
    assert.deepEqual(owned.judge(resource(clusterType, { metadata }), "a", settings), []);
    assert.deepEqual(owned.judge(resource(hostType), "a", settings), []);
    assert.deepEqual(owned.judge(resource(clusterType), "a", {}), []);
  });

  it("no-plain-secret refuses a private key anywhere and a password by its key, and never repeats them", () => {
    const key = "-----BEGIN RSA PRIVATE KEY-----\nPLANTED";
    const found = noPlainSecret.judge(
      resource("kubernetes:core/v1:ConfigMap", { data: { "a.pem": key }, list: [{ password: "PLANTED" }] }),
      "a",
      {},
    );
    assert.deepEqual(found, [
      "x holds a private key in data.a.pem; put it into a Secret",
      "x holds what looks like a secret in list[0].password; put it into a Secret",
    ]);
  });

  it("no-plain-secret judges the rest of a resource of which a preview does not know everything", () => {
    // As unknownCheckingProxy of @pulumi/policy 1.21.0 does.
    const data = {
      get unknown(): string {
        throw Object.assign(new Error("string value at .data.unknown"), { unknownTypeSentinel: "04da6b54" });
      },
      "a.pem": "-----BEGIN PRIVATE KEY-----",
    };
    const found = noPlainSecret.judge(resource("kubernetes:core/v1:ConfigMap", { data }), "a", {});
    assert.deepEqual(found, ["x holds a private key in data.a.pem; put it into a Secret"]);
  });

  it("no-plain-secret accepts Secrets, certificates and what only sounds like one", () => {
    const props = {
      data: { ca: "-----BEGIN CERTIFICATE-----" },
      credentialsName: "a",
      tokens: ["b"],
      password: "",
    };
    assert.deepEqual(noPlainSecret.judge(resource("kubernetes:core/v1:ConfigMap", props), "a", {}), []);
    const secret = resource("kubernetes:core/v1:Secret", { stringData: { password: "PLANTED" } });
    assert.deepEqual(noPlainSecret.judge(secret, "a", {}), []);
  });

  describe("on the program's own resources", () => {
    const api = new AgreeableApi();
    let made: readonly Registered[];
    before(async () => {
      configure(path.join(__dirname, "../../Pulumi.capi-1.yaml"), await api.listen());
      made = (await runProgram(false)).resources;
    });
    after(() => api.stop());

    it("finds nothing, but for an owner that an organisation asks for", () => {
      const settings = { productionStacks: ["capi-1"], ownerKeys: ["example.com/owner"] };
      const found = made.flatMap(({ type, name, inputs }) =>
        rules.flatMap((rule) =>
          rule.judge(
            { type, name, props: inputs as Record<string, unknown>, opts: { protect: true } },
            "capi-1",
            settings,
          ),
        ),
      );
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", /does not say its example\.com\/owner/);
    });

    it("knows the types of the program's hosts and of its cluster", () => {
      const settings = { productionStacks: ["capi-1"] };
      const meant = made.filter(
        ({ type, name }) =>
          protectedProduction.judge({ type, name, props: {}, opts: { protect: false } }, "capi-1", settings)
            .length > 0,
      );
      assert.equal(meant.length, 5, "four hosts and the cluster");
    });
  });
});
