import assert from "node:assert/strict";
import type { MachineDeployment } from "../../model/kubernetes/cluster-api";
import { planCluster } from "../../model/plan/plan-cluster";
import { deploymentsOf } from "../../model/plan/machines";
import { field, list, selects, text } from "../../model/kubernetes/object";
import { goodStack } from "./fixtures";
import { type RawStack, stackWith } from "./stacks";

const elastic = goodStack("elastic-pools");
const plan = planCluster(elastic);
const deployments = plan.cluster.objects.filter(
  (object): object is MachineDeployment => object.kind === "MachineDeployment",
);
const named = (name: string) => deployments.find(({ metadata }) => metadata.name === `elastic-pools-${name}`);
const usersOf = (spec: unknown) => list(spec, "users").map((user) => text(user, "name"));

describe("a pool that is spread over failure domains", () => {
  it("has a MachineDeployment in each, with an even share of the machines", () => {
    assert.deepEqual(
      deployments.map(({ metadata, spec }) => [
        metadata.name,
        spec?.replicas,
        spec?.template?.spec?.failureDomain,
      ]),
      [
        ["elastic-pools-workers-rack-1", 3, "rack-1"],
        ["elastic-pools-workers-rack-2", 2, "rack-2"],
        ["elastic-pools-burst", undefined, undefined],
      ],
    );
  });

  it("has machines that are of one MachineDeployment each, and get hosts of its failure domain only", () => {
    for (const { metadata, spec } of deployments) {
      const labels = spec?.template?.metadata?.labels;
      const owners = deployments.filter((other) => selects(other.spec?.selector, labels));
      assert.deepEqual(
        owners.map((other) => other.metadata.name),
        [metadata.name],
      );
      const template = plan.cluster.templates.find(
        ({ manifest }) => manifest.metadata.name === spec?.template?.spec?.infrastructureRef?.name,
      );
      const selector = field(template?.manifest, "spec", "template", "spec", "hostSelector");
      const hosts = plan.hosts.hosts.filter((host) => selects(selector, host.metadata.labels));
      const [first] = deploymentsOf(elastic, { ...elastic.workers[0]!, name: "x" });
      assert.ok(first !== undefined && hosts.length > 0);
      const expected = elastic.hosts.filter(
        ({ name, pool, failureDomain }) =>
          !["el-burst-4", "el-old-1"].includes(name) &&
          metadata.name === `elastic-pools-${pool === "workers" ? `${pool}-${failureDomain ?? ""}` : pool}`,
      );
      assert.deepEqual(
        hosts.map((host) => host.metadata.name),
        expected.map(({ name }) => name),
      );
    }
  });

  it("gives the first failure domains one machine more, and bounds of an autoscaler likewise", () => {
    const [workers] = elastic.workers;
    if (workers === undefined) throw new Error("no pool");
    const shares = (pool: Partial<typeof workers>) =>
      deploymentsOf(elastic, { ...workers, failureDomains: ["a", "b", "c"], ...pool }).map(
        ({ least, replicas }) => `${least} to ${replicas}`,
      );
    assert.deepEqual(shares({ replicas: 7 }), ["3 to 3", "2 to 2", "2 to 2"]);
    assert.deepEqual(shares({ autoscaling: { min: 2, max: 4 } }), ["1 to 2", "1 to 1", "0 to 1"]);
  });
});

describe("a pool whose size an autoscaler decides", () => {
  it("has the bounds, what a machine is like, and no number of machines of ours", () => {
    const burst = named("burst");
    assert.deepEqual(burst?.metadata.annotations, {
      "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "0",
      "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "3",
      "capacity.cluster-autoscaler.kubernetes.io/cpu": "32",
      "capacity.cluster-autoscaler.kubernetes.io/memory": "256Gi",
      "capacity.cluster-autoscaler.kubernetes.io/labels": "metal.internal/pool=burst,example.com/burst=true",
      "capacity.cluster-autoscaler.kubernetes.io/taints": "example.com/burst=:NoSchedule",
    });
    assert.ok(!("replicas" in (burst?.spec ?? {})));
    assert.deepEqual(plan.cilium.machines, { controlPlane: 3, workers: 5, mostWorkers: 8 });
  });

  it("may lose a machine to a health check when it is as small as it may be", () => {
    const limit = (workers: object) => {
      const stack = stackWith((raw: RawStack) => (raw["workers"] = [{ name: "workers", ...workers }]));
      const check = planCluster(stack).cluster.objects.find(
        ({ kind, metadata }) => kind === "MachineHealthCheck" && metadata.name === "capi-1-workers",
      );
      return field(check, "spec", "remediation", "triggerIf", "unhealthyLessThanOrEqualTo");
    };
    assert.equal(limit({ autoscaling: { min: 1, max: 10 } }), 1);
    assert.equal(limit({ autoscaling: { min: 3, max: 10 } }), "40%");
  });
});

describe("users", () => {
  it("are those of all machines, and of a pool or the control plane their own", () => {
    const bootstrap = (pool: string) =>
      plan.cluster.templates.find(
        ({ key, manifest }) => key === `elastic-pools-${pool}` && manifest.kind === "KubeadmConfigTemplate",
      )?.manifest;
    const controlPlane = plan.cluster.objects.find(({ kind }) => kind === "KubeadmControlPlane");
    assert.deepEqual(usersOf(field(controlPlane, "spec", "kubeadmConfigSpec")), ["ops", "audit"]);
    assert.deepEqual(usersOf(field(bootstrap("workers"), "spec", "template", "spec")), ["ops"]);
    assert.deepEqual(usersOf(field(bootstrap("burst"), "spec", "template", "spec")), ["ops", "batch"]);
  });

  it("are replaced by a user of the pool with the same name", () => {
    const key = (end: string) =>
      `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHRoaXMga2V5IG9wZW5zIG5vdGhpbmcgYXQgYWxsID${end}`;
    const stack = stackWith((raw) => {
      raw["machines"] = { users: [{ name: "ops", sshAuthorizedKeys: [key("Aw")] }] };
      raw["workers"] = [
        {
          name: "workers",
          machines: { users: [{ name: "ops", sudo: false, sshAuthorizedKeys: [key("Bx")] }] },
        },
      ];
    });
    const template = planCluster(stack).cluster.templates.find(
      ({ manifest }) => manifest.kind === "KubeadmConfigTemplate",
    );
    assert.deepEqual(list(template?.manifest, "spec", "template", "spec", "users"), [
      { name: "ops", sshAuthorizedKeys: [key("Bx")] },
    ]);
  });
});

describe("a host that is out of service", () => {
  const host = (name: string) => plan.hosts.hosts.find(({ metadata }) => metadata.name === name);

  it("is not selected by any machine, and is not waited for", () => {
    for (const name of ["el-burst-4", "el-old-1"]) {
      const { labels, annotations } = host(name)?.metadata ?? {};
      assert.equal(labels?.["metal.internal/pool"], undefined);
      assert.match(annotations?.["metal.internal/pool"] ?? "", /^(burst|workers)$/);
      assert.ok(!plan.readiness.hosts.some((expected) => expected.name === name));
    }
  });

  it("is switched off, or keeps its disks", () => {
    assert.deepEqual([host("el-burst-4")?.spec?.online, host("el-old-1")?.spec?.online], [false, true]);
    assert.equal(host("el-old-1")?.spec?.externallyProvisioned, true);
    assert.ok(plan.hosts.hosts.every(({ spec }) => spec?.image === undefined));
  });

  it("has no BGP session", () => {
    const sessions = (change: object) => {
      const stack = stackWith((raw) => {
        raw["workers"] = [{ name: "workers", replicas: 0 }];
        Object.assign((raw["hosts"] as object[])[3] ?? {}, change);
      });
      return JSON.stringify(planCluster(stack).routers).includes("capi-1-w-1");
    };
    assert.ok(sessions({}));
    assert.ok(!sessions({ online: false }) && !sessions({ externallyProvisioned: true }));
  });
});
