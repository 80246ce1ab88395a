import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { managementTools, startManagementPlane } from "../../lab/management";
import { prepareLoopback } from "../../lab/namespace/network";
import { EventLog } from "../../lab/processes/event-log";
import { Processes } from "../../lab/processes/processes";
import { ensureTools } from "../../lab/toolchain";
import { readRender } from "../../model/cilium/proofs";
import { type KubernetesObject, resourcePath } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { ClusterPlan } from "../../model/plan/plan";
import { planCluster } from "../../model/plan/plan-cluster";
import { type Verdict, allFindings, verdictText } from "../../model/live/preflight/check-result";
import { ApiError, type KubernetesApi } from "../../ops/kubernetes/api";
import { Management } from "../../ops/preflight/management";
import { plannedManagementObjects } from "../../ops/live/planned";
import { preflight } from "../../ops/preflight/preflight";
import { stackWith } from "../model/stacks";
import { ciliumRenderOf } from "../program/recorded-render";

const say = (line: string) => process.stdout.write(`    ${line}\n`);
const namespace = "capi-1";

/** The preflight of capi-1, again and again, against the lab's real management cluster. */
async function scenario(api: KubernetesApi, kubeconfig: string): Promise<void> {
  const stack = stackWith(
    (raw) => (raw["management"] = { context: "lab-management", namespace, kubeconfig }),
  );
  const plan = planCluster(stack);
  const { render } = readRender(ciliumRenderOf(), plan.cilium);
  const ask = async (about: ClusterPlan = plan): Promise<readonly Verdict[]> => {
    const rendered = Promise.resolve({ render });
    const management = new Management(about, rendered);
    const begun = performance.now();
    const verdicts = await preflight({
      stack,
      plan: about,
      management,
      rendered,
      network: false,
      offline: false,
      preview: false,
    });
    say(`asked in ${Math.round(performance.now() - begun)} ms`);
    return verdicts;
  };
  const wrong = (verdicts: readonly Verdict[]) =>
    verdicts
      .filter(({ outcome }) => outcome === "findings" || outcome === "unknown")
      .map(verdictText)
      .join("\n");

  assert.match(wrong(await ask()), /the namespace "capi-1" does not exist/);
  await api.create(resources.Namespace, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
  assert.equal(wrong(await ask()), "");
  say("a healthy management cluster: every check holds, nothing is unknown");

  const [first, ...others] = plan.hosts.hosts;
  assert.ok(first);
  const misspelt = { ...first, spec: { ...first.spec, onlnie: true } as object };
  const typo = await ask({ ...plan, hosts: { ...plan.hosts, hosts: [misspelt, ...others] } });
  assert.match(
    wrong(typo),
    /BareMetalHost capi-1-cp-1 is refused by the API server: .*unknown field "spec\.onlnie"/,
  );
  say("a misspelt field is refused");

  await createAsPulumiDoes(api, plannedManagementObjects(plan, render));
  assert.equal(wrong(await ask()), "");
  say("our own objects, with what the controllers wrote on them: every check holds");

  const path_ = resourcePath(resources.MachineDeployment, namespace, "capi-1-workers");
  await api.request("PATCH", path_, {
    body: { spec: { replicas: 0 } },
    contentType: "application/merge-patch+json",
    query: { fieldManager: "autoscaler" },
  });
  const findings = allFindings(await ask());
  assert.deepEqual(
    findings.map(({ id }) => id),
    ["management/fields-uncontested"],
  );
  assert.match(
    findings[0]?.problem ?? "",
    /"autoscaler" has set spec\.replicas of MachineDeployment capi-1-workers/,
  );
  assert.match(await conflictOfApply(api, plan), /conflicts? with "autoscaler"[^"]*\.spec\.replicas/);
  say("a contested field is found, and an apply as Pulumi's is refused for the same one");
}

async function createAsPulumiDoes(api: KubernetesApi, objects: readonly KubernetesObject[]): Promise<void> {
  for (const object of objects) {
    const type = await api.discover(object.apiVersion, object.kind);
    assert.ok(type);
    const query = { fieldManager: "pulumi-kubernetes" };
    await api.request("POST", resourcePath(type, object.metadata.namespace), { body: object, query });
  }
}

/** What an update would be told: a server-side apply of the planned object without force, as a dry run. */
async function conflictOfApply(api: KubernetesApi, plan: ClusterPlan): Promise<string> {
  const object = plan.cluster.objects.find(({ kind }) => kind === "MachineDeployment");
  try {
    await api.apply(resources.MachineDeployment, object, {
      fieldManager: "pulumi-kubernetes-1",
      dryRun: true,
    });
    return "no conflict";
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return error.message.replace(/\s+/g, " ");
  }
}

async function main(): Promise<void> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "metal-preflight-lab-"));
  prepareLoopback(["10.250.250.29"]);
  const tools = await ensureTools([...managementTools], () => undefined);
  const log = new EventLog(path.join(directory, "events.jsonl"), () => undefined);
  const processes = new Processes(path.join(directory, "logs"), log);
  try {
    const plane = await startManagementPlane(path.join(directory, "management"), tools, processes);
    await scenario(plane.api, plane.kubeconfigFile);
  } finally {
    await processes.killAll();
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
