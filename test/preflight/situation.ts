import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { readRender } from "../../model/cilium/proofs";
import type { Stack } from "../../model/stack/schema";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { planCluster } from "../../model/plan/plan-cluster";
import type { Verdict } from "../../model/live/preflight/check-result";
import type { PreflightContext } from "../../ops/preflight/check";
import { Management } from "../../ops/preflight/management";
import { preflight } from "../../ops/preflight/preflight";
import { plannedManagementObjects } from "../../ops/live/planned";
import { type RawStack, stackWith } from "../model/stacks";
import { ciliumRenderOf } from "../program/recorded-render";
import { FakeApi } from "../wait/fake-api";
import { installedManagement } from "./installed";

/** What a test changes before the preflight runs. */
export interface Situation {
  /** The stack file. */
  readonly stack?: (raw: RawStack) => void;
  /** The management cluster, after what is installed was put there. */
  readonly management?: (api: FakeApi, planned: readonly KubernetesObject[]) => void;
  /** What is not in the management cluster. */
  readonly without?: (object: KubernetesObject) => boolean;
  readonly site?: Partial<PreflightContext>;
  /** Nobody listens at the context's server. */
  readonly silent?: boolean;
}

/** Namespace of all objects in these tests. */
export const namespace = "capi-1";

/** Runs the whole preflight of capi-1 against a management cluster that is fine but for the situation. */
export async function preflightIn(situation: Situation = {}): Promise<readonly Verdict[]> {
  const api = await new FakeApi().start();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-preflight-"));
  const kubeconfig = path.join(folder, "kubeconfig");
  fs.writeFileSync(kubeconfig, api.kubeconfig("management"));
  try {
    const stack = stackIn(kubeconfig, situation.stack);
    const plan = planCluster(stack);
    const { render } = readRender(ciliumRenderOf(), plan.cilium);
    const isThere = (object: KubernetesObject) => situation.without?.(object) !== true;
    api.put(...installedManagement(namespace).filter(isThere));
    situation.management?.(api, plannedManagementObjects(plan, render).map(withNamespace));
    if (situation.silent === true) await api.stop();
    const rendered = Promise.resolve({ render });
    return await preflight({
      stack,
      plan,
      management: new Management(plan, rendered),
      rendered,
      network: false,
      offline: false,
      preview: false,
      ...situation.site,
    });
  } finally {
    await api.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function stackIn(kubeconfig: string, change: (raw: RawStack) => void = () => undefined): Stack {
  return stackWith((raw) => {
    raw["management"] = { context: "management", namespace, kubeconfig };
    // Nothing listens there, on no machine.
    (raw["kubernetes"] as { endpoint: object }).endpoint = { host: "127.0.0.9", port: 9 };
    change(raw);
  });
}

/** What the plan of a stack file puts there, for what ran before the situation's change of it. */
export function plannedBefore(change?: (raw: RawStack) => void): readonly KubernetesObject[] {
  const plan = planCluster(stackIn("kubeconfig", change));
  return plannedManagementObjects(plan, readRender(ciliumRenderOf(), plan.cilium).render).map(withNamespace);
}

function withNamespace(object: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { namespace, ...object.metadata } };
}

/** A host of capi-1 as it is in the management cluster: planned, plus what a test says. */
export function liveHost(
  planned: readonly KubernetesObject[],
  index: number,
  parts: { readonly metadata?: object; readonly spec?: object; readonly status?: object } = {},
): KubernetesObject {
  const host = planned.filter(({ kind }) => kind === resources.BareMetalHost.kind)[index];
  if (host === undefined) throw new Error(`the plan has no host ${index}`);
  return {
    ...host,
    metadata: { ...host.metadata, ...parts.metadata },
    spec: { ...(host["spec"] as object), ...parts.spec },
    status: { provisioning: { state: "available" }, operationalStatus: "OK", ...parts.status },
  };
}

/** What inspection finds in a server that fits the stack file. */
export function hardware(mac: string, parts: object = {}): object {
  return {
    ramMebibytes: 65_536,
    cpu: { count: 16 },
    nics: [{ name: "eno1", mac }],
    storage: [{ name: "/dev/nvme0n1", sizeBytes: 960e9, serialNumber: "S4EMNX0R100020", model: "PM983" }],
    ...parts,
  };
}
