import fs from "node:fs";
import path from "node:path";
import { field, list, number, text, type KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import type { Store } from "../simulated/store";
import type { Mount } from "./container";
import type { LabNode } from "./node";

/** A volume or variable of a pod refers to what is not there; the pod waits for it, with this message as kubelets write it. */
export class ContainerConfigError extends Error {}

/** Makes a pod's volumes on its node, and answers which places each container sees. */
export class PodVolumes {
  private readonly sources = new Map<string, string>();

  private constructor(
    private readonly node: LabNode,
    private readonly pod: KubernetesObject,
    private readonly store: Store,
  ) {}

  /** Throws ContainerConfigError for an object that is not there, unless the pod accepts that. */
  static async make(node: LabNode, pod: KubernetesObject, store: Store): Promise<PodVolumes> {
    const volumes = new PodVolumes(node, pod, store);
    for (const volume of list(pod, "spec", "volumes")) {
      volumes.sources.set(text(volume, "name") ?? "", await volumes.sourceOf(volume));
    }
    return volumes;
  }

  /** The mounts of a container, those that hold others first. */
  mountsOf(container: unknown): readonly Mount[] {
    return list(container, "volumeMounts")
      .map((mount) => ({
        source: path.join(this.sources.get(text(mount, "name") ?? "") ?? "", text(mount, "subPath") ?? ""),
        target: text(mount, "mountPath") ?? "",
        readOnly: field(mount, "readOnly") === true,
      }))
      .sort((a, b) => a.target.length - b.target.length);
  }

  private async sourceOf(volume: unknown): Promise<string> {
    const hostPath = text(volume, "hostPath", "path");
    if (hostPath !== undefined) return this.hostPath(hostPath, text(volume, "hostPath", "type") ?? "");
    const folder = `/var/lib/kubelet/pods/${this.pod.metadata.uid ?? ""}/volumes/${text(volume, "name") ?? ""}`;
    fs.mkdirSync(this.node.file(folder), { recursive: true });
    for (const source of [volume, ...list(volume, "projected", "sources")]) {
      for (const [name, content] of await this.filesOf(source)) {
        const file = this.node.file(path.join(folder, name));
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content, { mode: 0o600 });
      }
    }
    return folder;
  }

  private hostPath(place: string, type: string): string {
    const file = this.node.file(place);
    if (fs.existsSync(file)) return place;
    if (type === "FileOrCreate") {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, "");
      return place;
    }
    if (type === "Directory" || type === "File")
      throw new ContainerConfigError(`hostPath type check failed: ${place} is not there`);
    const empty = `/run/containers/empty${place}`;
    // A folder below /usr, which is the machine's, cannot be made.
    const made = /^\/(lib|usr|bin|sbin)(\/|$)/.test(place) ? empty : place;
    fs.mkdirSync(this.node.file(made), { recursive: true });
    return made;
  }

  private async filesOf(source: unknown): Promise<readonly (readonly [string, string | Buffer])[]> {
    const configMap = field(source, "configMap");
    if (configMap !== undefined) return this.keysOf("ConfigMap", configMap, (value) => value);
    const secret = field(source, "secret");
    if (secret !== undefined) return this.keysOf("Secret", secret, (value) => Buffer.from(value, "base64"));
    const token = field(source, "serviceAccountToken");
    if (token !== undefined) return [[text(token, "path") ?? "token", await this.token()]];
    return list(source, "downwardAPI", "items").map((item) => [
      text(item, "path") ?? "",
      fieldOf(this.pod, text(item, "fieldRef", "fieldPath") ?? ""),
    ]);
  }

  private async keysOf(
    kind: "ConfigMap" | "Secret",
    reference: unknown,
    decoded: (value: string) => string | Buffer,
  ): Promise<readonly (readonly [string, string | Buffer])[]> {
    const name = text(reference, "name") ?? text(reference, "secretName") ?? "";
    const data = await referenced(this.store, kind, name, this.pod, field(reference, "optional") === true);
    const items = list(reference, "items");
    const wanted =
      items.length > 0
        ? items.map((item) => [text(item, "key") ?? "", text(item, "path") ?? ""] as const)
        : Object.keys(data).map((key) => [key, key] as const);
    return wanted.flatMap(([key, place]) => {
      const value = data[key];
      return value === undefined ? [] : [[place, decoded(value)] as const];
    });
  }

  private token(): Promise<string> {
    const { namespace = "" } = this.pod.metadata;
    const account = text(this.pod, "spec", "serviceAccountName") ?? "default";
    return accountToken(this.store.api, namespace, account);
  }
}

/** A token of a service account for a day: it is not renewed. */
export async function accountToken(api: KubernetesApi, namespace: string, account: string): Promise<string> {
  const place = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const spec = { expirationSeconds: 86400 };
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec };
  return text(await api.request("POST", place, { body }), "status", "token") ?? "";
}

/** The environment of a container, with references to its pod, ConfigMaps and Secrets resolved. */
export async function environmentOf(
  container: unknown,
  pod: KubernetesObject,
  store: Store,
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = { ...(await apiServerVariables(store)) };
  for (const entry of list(container, "env")) {
    const value = await valueOf(entry, pod, store);
    if (value !== undefined) found[text(entry, "name") ?? ""] = expanded(value, found);
  }
  return found;
}

/** What every container gets from its kubelet: the API server at the address of its Service. */
async function apiServerVariables(store: Store): Promise<Readonly<Record<string, string>>> {
  const service = await store.api.get(resources.Service, "kubernetes", "default");
  return {
    KUBERNETES_SERVICE_HOST: text(service, "spec", "clusterIP") ?? "",
    KUBERNETES_SERVICE_PORT: String(number(list(service, "spec", "ports")[0], "port") ?? 443),
  };
}

/** `$(NAME)` replaced by the variable's value; unknown ones stay as they are. */
export function expanded(value: string, environment: Readonly<Record<string, string>>): string {
  return value.replace(/\$\((\w+)\)/g, (whole, name: string) => environment[name] ?? whole);
}

async function valueOf(entry: unknown, pod: KubernetesObject, store: Store): Promise<string | undefined> {
  const fieldPath = text(entry, "valueFrom", "fieldRef", "fieldPath");
  if (fieldPath !== undefined) return fieldOf(pod, fieldPath);
  for (const [kind, key] of [
    ["ConfigMap", "configMapKeyRef"],
    ["Secret", "secretKeyRef"],
  ] as const) {
    const reference = field(entry, "valueFrom", key);
    if (reference === undefined) continue;
    const optional = field(reference, "optional") === true;
    const data = await referenced(store, kind, text(reference, "name") ?? "", pod, optional);
    const value = data[text(reference, "key") ?? ""];
    return value === undefined || kind === "ConfigMap"
      ? value
      : Buffer.from(value, "base64").toString("utf8");
  }
  // Limits are those of the node where the container has none: 128 GiB, as it reports.
  if (field(entry, "valueFrom", "resourceFieldRef") !== undefined) return String(128 * 2 ** 30);
  return text(entry, "value") ?? String(number(entry, "value") ?? "");
}

function fieldOf(pod: KubernetesObject, place: string): string {
  const steps = place.split(".");
  return text(pod, ...steps) ?? "";
}

async function referenced(
  store: Store,
  kind: "ConfigMap" | "Secret",
  name: string,
  pod: KubernetesObject,
  optional: boolean,
): Promise<Readonly<Record<string, string>>> {
  const { namespace = "" } = pod.metadata;
  const object = await store.api.get(resources[kind], name, namespace);
  if (object === undefined && !optional)
    throw new ContainerConfigError(`${kind.toLowerCase()} "${name}" not found`);
  return (field(object, "data") ?? {}) as Record<string, string>;
}
