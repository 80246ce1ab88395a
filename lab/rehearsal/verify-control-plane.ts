import crypto from "node:crypto";
import tls from "node:tls";
import { parse } from "yaml";
import { type KubernetesObject, field, list, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { ClusterPlan } from "../../model/plan/plan";
import { certificateType } from "../../model/plan/manifests/certificates";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import { issue, type KeyPair } from "../processes/pki";
import { valuesBelow } from "../workload/etcd";
import { internalAddresses } from "../workload/node-objects";
import type { LabRun } from "./lab-run";
import type { Verdict } from "./report";
import type { StackFacts } from "./stack-file";

/** Whether the control plane has the authorities and the encryption of the stack file; empty for a stack that has neither. */
export async function controlPlaneAsPlanned(
  workload: KubernetesApi,
  lab: LabRun,
  facts: StackFacts,
): Promise<readonly Verdict[]> {
  const plan = lab.plans.get(facts.cluster);
  if (plan === undefined) return [];
  const management = lab.plane.api;
  const planned = new Map(
    plan.cluster.secrets.flatMap(({ manifest, text: own }) =>
      manifest.type === certificateType ? [[manifest.metadata.name, own["tls.crt"] ?? ""] as const] : [],
    ),
  );
  const verdicts: Verdict[] = [];
  if (planned.size > 0) verdicts.push(await ownAuthorities(management, workload, facts, planned));
  const encryption = await encryptionOf(management, plan, facts);
  if (encryption !== undefined) verdicts.push(await encryptedAtRest(management, workload, facts, encryption));
  return verdicts;
}

/** Servers must present certificates of the planned authorities, and tokens must be signed with the planned key. */
async function ownAuthorities(
  management: KubernetesApi,
  workload: KubernetesApi,
  facts: StackFacts,
  planned: ReadonlyMap<string, string>,
): Promise<Verdict> {
  const against: string[] = [];
  for (const [name, certificate] of planned) {
    const found = decoded(await management.get(resources.Secret, name, facts.namespace), "tls.crt");
    if (found?.trim() !== certificate.trim())
      against.push(`Secret ${name} holds another certificate or public key`);
  }
  const { cluster, endpoint } = facts;
  const authority = planned.get(`${cluster}-ca`);
  if (authority !== undefined) {
    const problem = await refusedWith(endpoint.host, endpoint.port, { ca: authority });
    if (problem !== undefined) against.push(`the API server's certificate: ${problem}`);
  }
  const etcd = planned.get(`${cluster}-etcd`);
  if (etcd !== undefined) {
    const { client } = await etcdAccess(management, facts);
    for (const address of await controlPlaneAddresses(workload)) {
      const problem = await refusedWith(address, 2379, { ca: etcd, ...client });
      if (problem !== undefined) against.push(`etcd's certificate at ${address}: ${problem}`);
    }
  }
  const signer = planned.get(`${cluster}-sa`);
  if (signer !== undefined && !(await signsTokens(workload, signer)))
    against.push("a service account's token is signed with another key");
  return { statement: `the control plane has the stack's own ${[...planned.keys()].join(", ")}`, against };
}

/** Why a TLS server is refused by a client that trusts these authorities alone; undefined when it is not. */
function refusedWith(host: string, port: number, trust: tls.ConnectionOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port, timeout: 5000, ...trust }, () => end(undefined));
    const end = (problem: string | undefined) => {
      socket.destroy();
      resolve(problem);
    };
    socket.on("error", (error) => end(error.message));
    socket.on("timeout", () => end("no answer in 5 s"));
  });
}

/** Whether the API server signs tokens of service accounts with the private half of a public key. */
async function signsTokens(workload: KubernetesApi, publicKey: string): Promise<boolean> {
  const path = "/api/v1/namespaces/kube-system/serviceaccounts/default/token";
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const token = text(await workload.request("POST", path, { body }), "status", "token") ?? "";
  const [header = "", claims = "", signature = ""] = token.split(".");
  return crypto.verify(
    "sha256",
    Buffer.from(`${header}.${claims}`),
    publicKey,
    Buffer.from(signature, "base64url"),
  );
}

/** The provider with which Secrets are written. */
interface Encryption {
  readonly algorithm: string;
  /** Name of the key. */
  readonly key: string;
}

async function encryptionOf(
  management: KubernetesApi,
  plan: ClusterPlan,
  { namespace }: StackFacts,
): Promise<Encryption | undefined> {
  // The passwords of kube-vip are composed as well.
  const name = plan.cluster.secrets
    .map(({ manifest }) => manifest.metadata.name)
    .find((each) => each.startsWith(`${plan.name}-encryption-`));
  if (name === undefined) return undefined;
  const secret = await management.get(resources.Secret, name, namespace);
  const configuration: unknown = parse(decoded(secret, "content") ?? "");
  const [first] = list(configuration, "resources", 0, "providers");
  const [algorithm = ""] = Object.keys(field(first) as object);
  const key = text(first, algorithm, "keys", 0, "name");
  return key === undefined ? undefined : { algorithm, key };
}

/** No Secret may be readable in etcd itself. */
async function encryptedAtRest(
  management: KubernetesApi,
  workload: KubernetesApi,
  facts: StackFacts,
  { algorithm, key }: Encryption,
): Promise<Verdict> {
  const access = await etcdAccess(management, facts);
  const [member = ""] = await controlPlaneAddresses(workload);
  const values = await valuesBelow(access, member, "/registry/secrets/");
  const prefix = Buffer.from(`k8s:enc:${algorithm}:v1:${key}:`);
  const plain = values.filter(({ value }) => !value.subarray(0, prefix.length).equals(prefix));
  return {
    statement: `all ${values.length} Secrets in etcd are encrypted by ${algorithm} with ${key}`,
    against: [
      ...plain.map(
        ({ key: name, value }) => `${name} begins with ${JSON.stringify(value.toString("latin1", 0, 8))}`,
      ),
      ...(values.length === 0 ? ["there are none"] : []),
    ],
  };
}

/** The first address of each control plane node. */
export async function controlPlaneAddresses(workload: KubernetesApi): Promise<readonly string[]> {
  const query = { labelSelector: "node-role.kubernetes.io/control-plane" };
  const { items } = await workload.list(resources.Node, undefined, query);
  return items.map((node) => internalAddresses(node)[0] ?? "");
}

/** etcd's authority, which Cluster API keeps in the management cluster, and a client that it has issued. */
async function etcdAccess(
  management: KubernetesApi,
  facts: StackFacts,
): Promise<{ readonly authority: KeyPair; readonly client: KeyPair }> {
  const secret = await management.get(resources.Secret, `${facts.cluster}-etcd`, facts.namespace);
  const authority = { cert: decoded(secret, "tls.crt") ?? "", key: decoded(secret, "tls.key") ?? "" };
  return { authority, client: await issue(authority, { commonName: "rehearsal" }) };
}

function decoded(secret: KubernetesObject | undefined, key: string): string | undefined {
  const value = text(secret, "data", key);
  return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
}
