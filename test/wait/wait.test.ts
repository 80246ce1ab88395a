import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import { resources } from "../../model/kubernetes/resources";
import * as o from "../readiness/objects";
import { Stage, asCommand, program, until } from "./program";

describe("the waiting program", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await new Stage().open();
  });
  afterEach(() => stage.close());

  const ready = () => {
    stage.management.put(...o.readyManagement());
    stage.workload.put(...o.readyWorkload());
  };

  it("follows a cluster from registration to ready, and leaves only the timeline on stdout", async () => {
    const { management, workload } = stage;
    const run = stage.run(stage.order({ steadySeconds: 1 }), asCommand);
    management.put(o.host("cp1", { state: "registering" }), o.host("w1", { state: "registering" }));
    management.put(o.cluster(false), ...o.machineSets(0), ...o.resourceSet(false));
    await run.says(/w1 +register +registering/);
    for (const [state, seen] of [
      ["inspecting", /cp1 +inspect/],
      ["available", /cp1 +available +available/],
      ["provisioning", /cp1 +provision +writing the image fedora.qcow2/],
    ] as const) {
      for (const name of ["cp1", "w1"]) management.put(o.host(name, { state }));
      await run.says(seen);
    }
    management.put(...o.readyManagement().slice(0, 6));
    await run.says(/cp1 +boot +image written, no node yet/);
    workload.put(o.node("cp1", false, o.noCni), o.node("w1", false, o.noCni), ...o.cilium(0), o.definition);
    await run.says(/w1 +join +node w1 joined/);
    management.put(...o.readyManagement().slice(6));
    await run.says(/capi-1 +resources resource set capi-1-cilium: 1\/1 applied/);
    workload.put(...o.readyWorkload());
    assert.equal(await run.exit, 0, run.stderr);
    assert.match(
      run.lastLine,
      /^\d\d:\d\d capi-1 {2}ready +2 nodes Ready, 2 workloads rolled out, Cluster Available/,
    );

    const answer = JSON.parse(run.stdout) as {
      timeline: { phase: string; host?: string }[];
      seconds: number;
    };
    assert.equal(run.stdout.split("\n").length, 2);
    assert.ok(run.stdout.length < 4096);
    const bars = answer.timeline.map((bar) => `${bar.phase}${bar.host === undefined ? "" : ` ${bar.host}`}`);
    for (const phase of ["inspect", "available", "provision", "boot", "join", "ready"]) {
      assert.ok(
        bars.includes(`${phase} cp1`) && bars.includes(`${phase} w1`),
        `${phase} in ${bars.join(", ")}`,
      );
    }
    for (const phase of ["control-plane", "resource-set", "cilium", "endpoint"])
      assert.ok(bars.includes(phase), phase);

    for (const line of run.lines) {
      assert.match(line, /^\d\d:\d\d (capi-1|cp1 {3}|w1 {4}) {2}[a-z-]+ +\S[\x20-\x7e]*$/);
      assert.ok(line.length <= 100, line);
    }
    assert.ok(!run.stderr.includes("payload") && !run.stderr.includes("cp1 stays"));
    const first = run.events()[0] ?? {};
    assert.equal(first["phase"], "wait");
    assert.match(String(first["time"]), /^\d{4}-\d\d-\d\dT/);
    assert.equal(run.events().length, run.lines.length);
  });

  it("resumes: a second run on a ready cluster ends without waiting, with the same file of events", async () => {
    ready();
    const run = stage.run();
    assert.equal(await run.exit, 0, run.stderr);
    assert.ok(!/no node yet|registering/.test(run.stderr), run.stderr);
    const before = run.events().length;
    assert.equal(await stage.run().exit, 0);
    assert.ok(run.events().length > before);
  });

  it("ends when the last condition changes", async () => {
    ready();
    stage.management.put(o.cluster(false));
    const run = stage.run();
    await run.says(/not Available yet/);
    stage.management.put(o.cluster(true));
    assert.equal(await run.exit, 0);
  });

  it("ends with the cause, the evidence and what to do when a BMC refuses the password", async () => {
    ready();
    const error = (count: number) => ({
      type: "registration error",
      count,
      message: "HTTP 401 for https://u:pw1@bmc",
    });
    stage.management.put(o.host("cp1", { state: "registering" }));
    const run = stage.run(stage.order(), asCommand);
    await run.says(/cp1 +register/);
    for (const count of [1, 2, 3])
      stage.management.put(o.host("cp1", { state: "registering", error: error(count) }));
    assert.equal(await run.exit, 1, run.stderr);
    assert.match(
      run.lastLine,
      /cp1 +failed +hosts\/bmc-credentials-refused: the BMC refuses user or password \(3 tries\)$/,
    );
    assert.match(run.stderr, /evidence +BareMetalHost\/cp1: redfish:[^]*evidence +"HTTP 401/);
    assert.match(run.stderr, /fix +correct the host's BMC credentials/);
    const last = run.events().at(-1) ?? {};
    assert.equal(last["id"], "hosts/bmc-credentials-refused");
    assert.equal(last["object"], "BareMetalHost/cp1");
    assert.ok(last["evidence"] !== undefined && last["remedy"] !== undefined);
    assert.equal(run.stdout, "");
    assert.ok(!JSON.stringify(run.events()).includes("pw1") && !run.stderr.includes("pw1"));
  });

  it("has a host tried again whose error is older than the run, and judges only the new answer", async () => {
    const error = { type: "registration error", count: 3, message: "HTTP 401" };
    const failing = o.host("cp1", { state: "registering", tried: "7", error });
    ready();
    stage.management.writable = true;
    stage.management.put(
      failing,
      o.object(resources.Secret, "cp1-bmc", {
        metadata: { resourceVersion: "7", labels: { "environment.metal3.io": "baremetal" } },
      }),
    );
    const run = stage.run();
    await run.says(/cp1 +retry +its error is from before this run: another attempt was requested/);
    const asked = stage.management.requests.filter((request) => request.startsWith("PATCH"));
    assert.deepEqual(asked, ["PATCH /apis/metal3.io/v1alpha1/namespaces/metal/baremetalhosts/cp1"]);
    assert.doesNotMatch(run.stderr, /credentials-refused/);
    stage.management.put(...o.readyManagement());
    assert.equal(await run.exit, 0, run.stderr);
  });

  it("has address claims tried again that had found their pool used up, and no others", async () => {
    const claim = (name: string, cluster: string, errorMessage: string) =>
      o.object(resources.IPClaim, name, {
        metadata: { labels: { "cluster.x-k8s.io/cluster-name": cluster } },
        status: { errorMessage },
      });
    ready();
    stage.management.writable = true;
    stage.management.put(
      claim("ours", "capi-1", "Exhausted IP Pools"),
      claim("waiting", "capi-1", "IPPool not found"),
      claim("theirs", "capi-2", "Exhausted IP Pools"),
    );
    const run = stage.run(stage.order({ steadySeconds: 1 }));
    await run.says(/capi-1 +retry +address claim ours had found the pool used up/);
    assert.equal(await run.exit, 0, run.stderr);
    const asked = stage.management.requests.filter((request) => request.startsWith("PATCH"));
    assert.deepEqual(asked, ["PATCH /apis/ipam.metal3.io/v1alpha1/namespaces/metal/ipclaims/ours/status"]);
  });

  const ends: Readonly<Record<string, { put: () => void; id: string }>> = {
    "an image's checksum differs": {
      id: "hosts/image-checksum-mismatch",
      put: () => {
        const error = {
          type: "provisioning error",
          count: 1,
          message: "Image failed to verify against checksum",
        };
        stage.management.put(o.host("w1", { state: "provisioning", error }));
      },
    },
    "no host matches": {
      id: "hosts/none-matches",
      put: () => {
        const none = o.condition("AssociateBareMetalHost", "False", "no available host found");
        stage.management.put(o.host("w1", { state: "available", labels: { pool: "x" } }));
        stage.management.put(...o.machine("m-w1", undefined, [none]));
      },
    },
    "a webhook refuses": {
      id: "machines/webhook-refused",
      put: () => {
        const says = o.condition("ScalingUp", "True", 'admission webhook "v.x" denied the request: no');
        const status = { observedGeneration: 1, conditions: [says] };
        stage.management.put(o.object(resources.KubeadmControlPlane, "capi-1", { status }));
      },
    },
    "the payload is missing": {
      id: "resource-set/payload-missing",
      put: () => {
        const [, payload, binding] = o.resourceSet(true);
        if (payload === undefined || binding === undefined) throw new Error("no payload");
        stage.management.remove(payload);
        stage.management.remove(binding);
      },
    },
    "nobody brings a CNI": {
      id: "nodes/cni-absent",
      put: () => {
        const [daemonSet] = o.cilium(2);
        if (daemonSet === undefined) throw new Error("no DaemonSet");
        stage.workload.remove(daemonSet);
        stage.workload.put(o.node("w1", false, o.noCni));
      },
    },
  };
  for (const [title, { put, id }] of Object.entries(ends)) {
    it(`ends by name when ${title}`, async () => {
      ready();
      stage.management.put(o.cluster(false));
      const run = stage.run();
      await run.says(/not Available yet/);
      put();
      assert.equal(await run.exit, 1, run.stderr);
      assert.ok(run.lastLine.includes(` ${id}: `), run.stderr);
    });
  }

  it("says on timeout exactly what is missing, with the last known cause", async () => {
    ready();
    stage.workload.put(o.node("w1", false, "kubelet stopped posting node status"), ...o.cilium(1));
    const run = stage.run(stage.order({ timeoutSeconds: 2 }));
    assert.equal(await run.exit, 1);
    assert.match(run.stderr, /w1 +missing +join: node w1 joined; last known cause: kubelet stopped posting/);
    assert.match(run.stderr, /capi-1 +missing +DaemonSet kube-system\/cilium rolled out; .*1\/2 ready/);
    assert.match(run.lastLine, /^00:0\d capi-1 {2}failed +wait\/timed-out: not ready after 00:02: w1 join/);
    assert.ok(!/cp1 +missing/.test(run.stderr));
    assert.equal(run.events().at(-1)?.["id"], "wait/timed-out");
  });

  it("gives a heartbeat that names who is waited for", async () => {
    ready();
    stage.workload.put(o.node("w1", false, "disk is slow"));
    const run = stage.run(stage.order({}, { heartbeatSeconds: 0.4 }));
    await run.says(/capi-1 +still +waiting for w1 join: node w1 joined;/);
    await run.says(/last known cause: w1 disk is slow/);
    await until(
      () => run.stderr.split(" still ").length > 2,
      3,
      () => "a second heartbeat",
    );
  });

  it("survives a restart of the management API server, and says so once", async () => {
    ready();
    stage.management.put(o.cluster(false));
    const run = stage.run();
    await run.says(/not Available yet/);
    await stage.management.stop();
    await run.says(/capi-1 +api +management API not answering/);
    await stage.management.start();
    await run.says(/management API answers again/);
    assert.equal(run.stderr.split("not answering").length, 2, run.stderr);
    stage.management.put(o.cluster(true));
    assert.equal(await run.exit, 0);
  });

  it("survives expired watches and dropped connections without a word", async () => {
    ready();
    stage.management.put(o.cluster(false));
    const run = stage.run();
    await run.says(/not Available yet/);
    const { lists } = stage.management;
    stage.management.expire();
    await until(
      () => stage.management.lists > lists,
      3,
      () => "lists after 410",
    );
    stage.management.dropWatches();
    stage.workload.dropWatches();
    await until(
      () => stage.management.open > 8,
      3,
      () => "watches again",
    );
    assert.ok(!run.stderr.includes("not answering"));
    stage.management.put(o.cluster(true));
    assert.equal(await run.exit, 0);
  });

  it("uses a kubeconfig that appears later, and one that changes", async () => {
    ready();
    stage.management.remove(stage.kubeconfigSecret());
    const run = stage.run();
    await run.says(/Cluster is Available/);
    const value = Buffer.from(stage.workload.kubeconfig().replace(/:\d+"/, ':1"')).toString("base64");
    stage.management.put(o.object(resources.Secret, "capi-1-kubeconfig", { data: { value } }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    stage.management.put(stage.kubeconfigSecret());
    assert.equal(await run.exit, 0);
    assert.ok(!run.stderr.includes(value.slice(0, 40)));
  });

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`says on ${signal} where it stood, in one line, and exits ${code}`, async () => {
      ready();
      stage.workload.put(o.node("w1", false, "slow"));
      const run = stage.run(stage.order(), asCommand);
      await run.says(/w1 +join/);
      run.child.kill(signal);
      assert.equal(await run.exit, code);
      assert.match(
        run.lastLine,
        new RegExp(`stopped +by ${signal}; the next pulumi up resumes; waited for w1`),
      );
      assert.equal(run.stdout, "");
    });
  }

  it("ends itself when the process that started it is gone", async () => {
    ready();
    stage.workload.put(o.node("w1", false, "slow"));
    const order = stage.order();
    // The middle process stands for the plugin; it is killed, and the program must follow.
    const script = `const c = require("node:child_process").spawn(process.execPath, ["--import", "tsx", ${JSON.stringify(program)}],
      { stdio: ["pipe", "ignore", "ignore"] }); c.stdin.end(${JSON.stringify(JSON.stringify(order))}); console.log(c.pid);`;
    const plugin = spawn(process.execPath, ["-e", `${script} setInterval(() => {}, 1000);`], {
      stdio: "pipe",
    });
    let pid = 0;
    plugin.stdout.on("data", (chunk: Buffer) => (pid = Number(chunk.toString())));
    const recorded = () => (fs.existsSync(order.eventsFile) ? fs.readFileSync(order.eventsFile, "utf8") : "");
    await until(() => recorded().includes("node w1 joined"), 8, recorded);
    plugin.kill("SIGKILL");
    await until(
      () => !isAlive(pid),
      4,
      () => `process ${pid} to end`,
    );
    assert.ok(recorded().includes("the process that started this wait is gone"));
  });

  const refused: Readonly<Record<string, () => string>> = {
    "an order that is no JSON": () => "{",
    "an unknown subject": () => JSON.stringify({ ...stage.order(), plan: { subject: "x" } }),
    "a context that the kubeconfig does not have": () =>
      JSON.stringify({
        ...stage.order(),
        management: { kubeconfigFile: stage.kubeconfigFile, context: "prod" },
      }),
    "a management cluster that never answers": () => {
      void stage.management.stop();
      return JSON.stringify(stage.order());
    },
  };
  for (const [title, order] of Object.entries(refused)) {
    it(`exits 2 for ${title}`, async () => {
      const run = stage.run(order());
      assert.equal(await run.exit, 2, run.stderr);
      assert.ok(run.lastLine.length > 20);
      assert.equal(run.stdout, "");
    });
  }

  it("waits until every BGP session is established", async () => {
    stage.management.put(o.cluster(true));
    stage.workload.put(o.node("cp1", true), o.bgpNodeConfig("cp1", "active"));
    const run = stage.run({ ...stage.order(), plan: o.bgpPlan });
    await run.says(/cp1 +bgp +tor1 192.168.254.1 AS65001 active/);
    stage.workload.put(o.bgpNodeConfig("cp1", "established"));
    assert.equal(await run.exit, 0, run.stderr);
    assert.match(run.stdout, /^\{"timeline":\[\{"phase":"bgp"/);
  });

  it("waits for a rollout", async () => {
    stage.management.put(o.cluster(true));
    stage.workload.put(...o.cilium(1));
    const run = stage.run(stage.order({ subject: "rollout" }));
    await run.says(/cilium +DaemonSet kube-system\/cilium 1\/2 ready/);
    stage.workload.put(...o.cilium(2));
    assert.equal(await run.exit, 0, run.stderr);
  });
});

function isAlive(pid: number): boolean {
  try {
    // A killed child of a dead parent may stay as a zombie where nobody reaps it.
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
