import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { readRender } from "../../model/cilium/proofs";
import { field, list } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { planCluster } from "../../model/plan/plan-cluster";
import { type Need, groupOf, roleObjects } from "../../model/live/preflight/permissions";
import type { Verdict } from "../../model/live/preflight/check-result";
import { plannedManagementObjects } from "../../ops/live/planned";
import { readStackFile } from "../../ops/stack/read-stack-file";
import {
  managementRights,
  operatorNeeds,
  previewNeeds,
  refreshNeeds,
  rightsManifests,
  workloadNeeds,
} from "../../ops/rights/stack-rights";
import { managementSources, workloadSources } from "../../ops/live/sources";
import { stackWith, stackWithEverything } from "../model/stacks";
import { metal, exampleText, projectWith } from "../ops/command-line";
import { namespace, preflightIn } from "../preflight/situation";
import { ciliumRenderOf } from "../program/recorded-render";
import type { FakeApi } from "../wait/fake-api";

const plan = planCluster(stackWith());
/** Read as commands read them: encrypted values stay as they are. */
const stackFiles = ["edge", "ops", "rack"].map((name) => {
  const { stack } = readStackFile(path.join(__dirname, "../stacks"), name);
  if (stack === undefined) throw new Error(`stack ${name} cannot be read`);
  return [name, stack] as const;
});
const stacks = {
  "capi-1": stackWith(),
  everything: stackWithEverything(),
  ...Object.fromEntries(stackFiles),
};

const key = ({ type, verb, subresource, name, everywhere }: Need) =>
  [groupOf(type), type.plural, subresource ?? "", verb, everywhere ?? "", name ?? ""].join(" ");
const keysOf = (needs: readonly Need[]) => new Set(needs.map(key));

/** A request of the fake API as the right that it needs; undefined for discovery and reviews, which every user may send. */
function needOf(
  request: string,
): { readonly group: string; readonly rest: Omit<Need, "type">; readonly plural: string } | undefined {
  const [method = "", address = ""] = request.split(" ");
  const url = new URL(address, "http://fake");
  const parsed =
    /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
      url.pathname,
    );
  const [, group = "", inside, plural = "", name] = parsed ?? [];
  if (parsed === null || group === "authorization.k8s.io") return undefined;
  const single = name ?? /^metadata\.name=(.+)$/.exec(url.searchParams.get("fieldSelector") ?? "")?.[1];
  const verbs: Readonly<Record<string, string>> = { POST: "create", PATCH: "patch", DELETE: "delete" };
  const verb = verbs[method] ?? (name === undefined ? "list" : "get");
  const named = single === undefined ? {} : { name: single };
  return { group, plural, rest: { verb, ...named, ...(inside === undefined ? { everywhere: true } : {}) } };
}

function isGranted(needs: readonly Need[], wanted: NonNullable<ReturnType<typeof needOf>>): boolean {
  return needs.some(
    (need) =>
      groupOf(need.type) === wanted.group &&
      need.type.plural === wanted.plural &&
      need.verb === wanted.rest.verb &&
      (need.everywhere === true) === (wanted.rest.everywhere === true) &&
      (need.name === undefined || need.name === wanted.rest.name),
  );
}

describe("the rights of a stack", () => {
  for (const [name, stack] of Object.entries(stacks)) {
    it(`cover every kind that ${name} puts into the management cluster`, () => {
      const each = planCluster(stack);
      const { render } = readRender(ciliumRenderOf(), each.cilium);
      const granted = operatorNeeds(each);
      for (const { apiVersion, kind } of plannedManagementObjects(each, render)) {
        const verbs = granted
          .filter(({ type }) => type.apiVersion === apiVersion && type.kind === kind)
          .map(({ verb }) => verb);
        for (const verb of ["get", "list", "watch", "create", "patch", "delete"])
          assert.ok(verbs.includes(verb), `${verb} ${kind}`);
      }
    });
  }

  it("cover what the preflight refuses an update for, and what the commands read", () => {
    const granted = keysOf(operatorNeeds(plan));
    for (const need of managementRights(plan).run) assert.ok(granted.has(key(need)), key(need));
    for (const { type } of managementSources(plan))
      assert.ok(granted.has(key({ type, verb: "watch" })), type.kind);
    const looking = keysOf(workloadNeeds());
    for (const { type } of workloadSources)
      assert.ok(looking.has(key({ type, verb: "list", everywhere: true })), type.kind);
  });

  it("cover every request of the preflight", async () => {
    let api: FakeApi | undefined;
    await preflightIn({ management: (fake) => (api = fake) });
    const wanted = (api?.requests ?? []).flatMap((request) => {
      const need = needOf(request);
      return need === undefined ? [] : [{ request, need }];
    });
    assert.ok(wanted.length > 30);
    const denied = wanted.filter(({ need }) => !isGranted(operatorNeeds(plan), need));
    assert.deepEqual(denied, []);
    const unseen = wanted.filter(({ need }) => !isGranted(previewNeeds(plan), need));
    assert.deepEqual([...new Set(unseen.map(({ need }) => need.plural))], ["secrets"]);
  });

  it("name verbs and kinds, never all of them", () => {
    for (const of of ["operator", "preview", "workload"] as const) {
      for (const object of rightsManifests(plan, of).filter(({ kind }) => kind.endsWith("Role"))) {
        assert.ok(list(object, "rules").length > 0);
        assert.ok(!JSON.stringify(field(object, "rules")).includes('"*"'));
      }
    }
  });

  it("change nothing outside of the stack's namespace, and no rights or definitions", () => {
    for (const needs of [operatorNeeds(plan), previewNeeds(plan), workloadNeeds()]) {
      const looking = ["get", "list", "watch"];
      for (const { type, verb, everywhere } of needs) {
        if (everywhere === true || /rbac|admission|apiextensions/.test(groupOf(type)))
          assert.ok(looking.includes(verb), `${verb} ${type.kind}`);
      }
    }
  });

  it("have nothing to do with Secrets where they only look, nor with Secrets of other namespaces anywhere", () => {
    for (const needs of [previewNeeds(plan), workloadNeeds()])
      assert.ok(needs.every(({ type }) => type !== resources.Secret));
    assert.ok(operatorNeeds(plan).every(({ type, everywhere }) => type !== resources.Secret || !everywhere));
  });

  it("of a preview with --refresh are those of a preview, and get on Secrets", () => {
    const added = refreshNeeds(plan).filter((need) => !keysOf(previewNeeds(plan)).has(key(need)));
    assert.deepEqual(
      added.map(({ type, verb }) => `${verb} ${type.plural}`),
      ["get secrets"],
    );
  });

  it("let a preview create and patch in dry runs only", () => {
    const manifests = rightsManifests(plan, "preview", "previews");
    const policy = manifests.find(({ kind }) => kind === "ValidatingAdmissionPolicy");
    const [rule] = list(policy, "spec", "matchConstraints", "resourceRules");
    const writes = previewNeeds(plan).filter(({ verb }) => !["get", "list", "watch"].includes(verb));
    assert.ok(writes.length > 10);
    for (const { type, verb } of writes) {
      assert.ok(["create", "patch"].includes(verb), verb);
      assert.ok(list(rule, "resources").includes(type.plural), type.plural);
      assert.ok(list(rule, "apiGroups").includes(groupOf(type)), type.apiVersion);
    }
    assert.equal(field(policy, "spec", "failurePolicy"), "Fail");
    assert.match(JSON.stringify(policy), /group == \\"previews\\"/);
  });

  it("are one rule for kinds with the same verbs, and a rule of its own for a named object", () => {
    const needs: Need[] = [
      { type: resources.Machine, verb: "list" },
      { type: resources.Cluster, verb: "list" },
      { type: resources.Namespace, verb: "get", everywhere: true, name: "n" },
      { type: resources.IPClaim, verb: "patch", subresource: "status" },
    ];
    const [role, binding, clusterRole] = roleObjects(needs, { name: "r", namespace: "n", group: "g" });
    assert.deepEqual(role?.["rules"], [
      { apiGroups: ["cluster.x-k8s.io"], verbs: ["list"], resources: ["clusters", "machines"] },
      { apiGroups: ["ipam.metal3.io"], verbs: ["patch"], resources: ["ipclaims/status"] },
    ]);
    assert.deepEqual(clusterRole?.["rules"], [
      { apiGroups: [""], resourceNames: ["n"], verbs: ["get"], resources: ["namespaces"] },
    ]);
    assert.deepEqual(binding?.["subjects"], [
      { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "g" },
    ]);
  });
});

describe("a preview with the rights of a preview", () => {
  const changing = ["create", "patch", "delete"];
  /** Takes a right away on all kinds that the management cluster serves. */
  const without = (api: FakeApi, verbs: readonly string[], kinds = Object.values(resources)) =>
    kinds.forEach(({ plural }) => verbs.forEach((verb) => api.denied.add(`${verb} ${plural}`)));
  const byId = (verdicts: readonly Verdict[], id: string) => verdicts.find((verdict) => verdict.id === id);
  const forbidden = (api: FakeApi) => {
    without(api, changing);
    without(api, ["get", "list", "watch"], [resources.Secret]);
    for (const object of plannedManagementObjects(plan, undefined)) {
      const message = `${object.kind} is forbidden: User "p" cannot create resource "x" in API group "y"`;
      api.refusals.set(`${object.kind} ${object.metadata.name}`, { status: 403, message });
    }
  };

  it("finds nothing wrong, and names what was not checked", async () => {
    const verdicts = await preflightIn({ site: { preview: true }, management: forbidden });
    assert.deepEqual(
      verdicts.flatMap(({ findings }) => findings),
      [],
    );
    assert.match(
      byId(verdicts, "management/permitted")?.unknown[0] ?? "",
      /not permitted to delete anything in namespace capi-1, as is right for a preview/,
    );
    assert.deepEqual(byId(verdicts, "management/objects-ours")?.unknown, [
      "v1/Secret: not permitted to list them",
    ]);
    const dryRuns = byId(verdicts, "management/objects-accepted")?.unknown ?? [];
    assert.ok(dryRuns.includes("v1/Secret: not permitted to list them"));
    assert.ok(dryRuns.some((each) => /^Cluster capi-1: not permitted, and a dry run needs/.test(each)));
  });

  it("still sees what it may read: an object that another stack owns", async () => {
    const verdicts = await preflightIn({
      site: { preview: true },
      management: (api, planned) => {
        forbidden(api);
        const cluster = planned.find(({ kind }) => kind === "Cluster");
        if (cluster !== undefined)
          api.put({ ...cluster, metadata: { ...cluster.metadata, namespace, labels: {} } });
      },
    });
    assert.equal(byId(verdicts, "management/objects-ours")?.outcome, "findings");
  });

  it("is refused in an update, and so is a user who may delete some kinds only", async () => {
    const update = await preflightIn({ management: forbidden });
    assert.equal(byId(update, "management/permitted")?.outcome, "findings");
    const partly = await preflightIn({
      site: { preview: true },
      management: (api) => without(api, ["delete"], [resources.BareMetalHost]),
    });
    assert.equal(byId(partly, "management/permitted")?.outcome, "findings");
  });
});

describe("the threat model", () => {
  it("names tests that there are", () => {
    const root = path.join(__dirname, "../..");
    const named =
      fs.readFileSync(path.join(root, "docs/security.md"), "utf8").match(/\btest\/[\w./-]+\.ts\b/g) ?? [];
    assert.ok(named.length > 10);
    assert.deepEqual(
      named.filter((file) => !fs.existsSync(path.join(root, file))),
      [],
    );
  });
});

describe("npm run metal -- rbac", () => {
  it("prints manifests for the management cluster, for a preview, and for the workload cluster", async () => {
    const directory = projectWith({ "Pulumi.capi-1.yaml": exampleText });
    const kinds = async (...options: string[]) => {
      const { code, out } = await metal(directory, ["rbac", "--stack", "capi-1", ...options]);
      assert.equal(code, 0);
      return [...out.matchAll(/^kind: (.*)$/gm)].map(([, kind]) => kind);
    };
    const bound = ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];
    const policy = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
    assert.deepEqual(await kinds(), bound);
    assert.deepEqual(await kinds("--read-only"), [...policy, ...bound]);
    assert.deepEqual(await kinds("--refresh"), [...policy, ...bound]);
    assert.deepEqual(await kinds("--workload"), bound.slice(2));
    const both = await metal(directory, ["rbac", "--read-only", "--workload"]);
    assert.equal(both.code, 2);
  });
});
