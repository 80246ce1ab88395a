import fs from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import { type ResourceType, field, list, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { issue } from "../processes/pki";
import { accepts, all, answers } from "../processes/probes";
import type { PlaneSite } from "./api-server";

/** One of Cluster API's three managers: the tool's and the process's name, its sources, and its ports. */
interface Manager {
  readonly tool: "capi-core" | "capi-bootstrap" | "capi-control-plane";
  readonly source: string;
  readonly namespace: string;
  readonly webhookPort: number;
  readonly healthPort: number;
  readonly diagnosticsPort: number;
}

/** The managers; a fault that stops the resource set controller stops `capi-core`, which holds it. */
const managers: readonly Manager[] = [
  {
    tool: "capi-core",
    source: "core",
    namespace: "capi-system",
    webhookPort: 21123,
    healthPort: 21451,
    diagnosticsPort: 21461,
  },
  {
    tool: "capi-bootstrap",
    source: "bootstrap/kubeadm",
    namespace: "capi-kubeadm-bootstrap-system",
    webhookPort: 21124,
    healthPort: 21452,
    diagnosticsPort: 21462,
  },
  {
    tool: "capi-control-plane",
    source: "controlplane/kubeadm",
    namespace: "capi-kubeadm-control-plane-system",
    webhookPort: 21125,
    healthPort: 21453,
    diagnosticsPort: 21463,
  },
];

const webhookKinds = new Map<string, ResourceType>(
  ["Mutating", "Validating"].map((verb) => {
    const kind = `${verb}WebhookConfiguration`;
    const plural = `${kind.toLowerCase()}s`;
    return [kind, { apiVersion: "admissionregistration.k8s.io/v1", kind, plural, namespaced: false }];
  }),
);

/** Writes the webhooks' certificate, starts all managers, and points the API server's webhooks at them. */
export async function startClusterApi(
  site: PlaneSite,
  kubeconfigFile: string,
  api: KubernetesApi,
): Promise<void> {
  const certificates = path.join(site.directory, "webhooks");
  fs.mkdirSync(certificates, { recursive: true });
  const webhook = await issue(site.authority, { commonName: "webhook", names: ["localhost", "127.0.0.1"] });
  fs.writeFileSync(path.join(certificates, "tls.crt"), webhook.cert);
  fs.writeFileSync(path.join(certificates, "tls.key"), webhook.key, { mode: 0o600 });
  await Promise.all(
    managers.map(async (manager) => {
      await api.create(resources.Namespace, {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: manager.namespace },
      });
      await startManager(site, kubeconfigFile, manager.tool);
      await installWebhooks(site, api, manager);
    }),
  );
}

/** Starts one manager, also again after a fault stopped it. Ready means that its webhooks answer. */
export async function startManager(
  site: PlaneSite,
  kubeconfigFile: string,
  tool: Manager["tool"],
): Promise<void> {
  const manager = managers.find((each) => each.tool === tool);
  if (manager === undefined) throw new Error(`no Cluster API manager is called "${tool}"`);
  await site.processes.start(
    manager.tool,
    [
      site.tools.tool(manager.tool),
      `--kubeconfig=${kubeconfigFile}`,
      "--leader-elect=false",
      `--webhook-port=${manager.webhookPort}`,
      `--webhook-cert-dir=${path.join(site.directory, "webhooks")}`,
      `--health-addr=127.0.0.1:${manager.healthPort}`,
      `--diagnostics-address=127.0.0.1:${manager.diagnosticsPort}`,
      "--insecure-diagnostics=true",
      "--v=2",
    ],
    {
      env: { POD_NAMESPACE: manager.namespace, POD_NAME: manager.tool, POD_UID: `lab-${manager.tool}` },
      ready: all(accepts(manager.webhookPort), answers(`http://127.0.0.1:${manager.healthPort}/readyz`)),
    },
  );
}

async function installWebhooks(site: PlaneSite, api: KubernetesApi, manager: Manager): Promise<void> {
  const file = path.join(
    site.tools.folder("cluster-api"),
    manager.source,
    "config",
    "webhook",
    "manifests.yaml",
  );
  const documents = parseAllDocuments(fs.readFileSync(file, "utf8")).map((document): unknown =>
    document.toJS(),
  );
  const caBundle = Buffer.from(site.authority.cert).toString("base64");
  for (const document of documents) {
    const type = webhookKinds.get(text(document, "kind") ?? "");
    if (type === undefined) continue;
    const webhooks = list(document, "webhooks").map((each) => {
      const place = text(each, "clientConfig", "service", "path") ?? "/";
      const url = `https://127.0.0.1:${manager.webhookPort}${place}`;
      return { ...(each as object), clientConfig: { url, caBundle } };
    });
    // All three files use the same two names.
    const name = `${manager.tool}-${text(document, "metadata", "name") ?? "webhooks"}`;
    await api.create(type, { apiVersion: type.apiVersion, kind: type.kind, metadata: { name }, webhooks });
  }
  if (field(documents, 0) === undefined) throw new Error(`${file} holds no webhook configuration`);
}
