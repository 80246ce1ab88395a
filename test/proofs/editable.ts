import type { CiliumRender } from "../../model/cilium/manifest";

/** JSON that tests change in place. */
export type Json = Record<string, unknown>;

/** A copy of a render whose objects can be changed; throws where there is nothing to change, so that no break is idle. */
export class EditableRender {
  private readonly documents: Json[];

  constructor(private readonly original: CiliumRender) {
    this.documents = structuredClone(original.documents) as Json[];
  }

  /** The render with all changes. */
  render(): CiliumRender {
    return {
      ...this.original,
      documents: this.documents,
      objects: this.documents.filter(
        (document) => (document["metadata"] as Json)["name"] !== undefined,
      ) as unknown as CiliumRender["objects"],
    };
  }

  object(kind: string, name: string): Json {
    const found = this.documents.find(
      (document) => document["kind"] === kind && (document["metadata"] as Json)["name"] === name,
    );
    if (found === undefined) throw new Error(`the render has no ${kind} ${name}`);
    return found;
  }

  add(...documents: Json[]): void {
    this.documents.push(...documents);
  }

  remove(kind: string, name: string): void {
    this.documents.splice(this.documents.indexOf(this.object(kind, name)), 1);
  }

  /** Sets a key of cilium-config, or takes it away. */
  config(key: string, value: string | undefined): void {
    change(this.object("ConfigMap", "cilium-config")["data"] as Json, key, value);
  }

  /** The pod of a workload: cilium, cilium-envoy or cilium-operator. */
  pod(name: string): Json {
    const object = this.object(name === "cilium-operator" ? "Deployment" : "DaemonSet", name);
    return at(object, "spec", "template", "spec");
  }

  /** Sets a field of a workload's pod, or takes it away. */
  setPod(name: string, key: string, value: unknown): void {
    change(this.pod(name), key, value);
  }

  container(workload: string, name: string): Json {
    const pod = this.pod(workload);
    const all = [...((pod["initContainers"] as Json[] | undefined) ?? []), ...(pod["containers"] as Json[])];
    const found = all.find((container) => container["name"] === name);
    if (found === undefined) throw new Error(`${workload} has no container ${name}`);
    return found;
  }

  /** An environment variable's entry. */
  variable(workload: string, container: string, name: string): Json {
    const found = this.environment(workload, container).find((entry) => entry["name"] === name);
    if (found === undefined) throw new Error(`${workload}/${container} has no ${name}`);
    return found;
  }

  environment(workload: string, container: string): Json[] {
    return this.container(workload, container)["env"] as Json[];
  }
}

function at(object: Json, ...path: readonly string[]): Json {
  return path.reduce((here, step) => here[step] as Json, object);
}

function change(object: Json, key: string, value: unknown): void {
  if (object[key] === value) throw new Error(`${key} is ${String(value)} already, so nothing would break`);
  if (value === undefined) delete object[key];
  else object[key] = value;
}
