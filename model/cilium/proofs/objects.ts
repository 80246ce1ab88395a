import { field, text } from "../../kubernetes/object";
import { type Proof, defineProof } from "./proof";

/** API groups that every API server serves from its start. */
const builtIn = /^(apps|batch|autoscaling|policy|[a-z]+\.k8s\.io)$/;

/** Groups that match the pattern, but are defined by CRDs later. */
const later = ["gateway.networking.k8s.io", "snapshot.storage.k8s.io"];

/** Namespaces that a new cluster has. */
const always = ["default", "kube-public", "kube-system", "kube-node-lease"];

/** Proofs of the render's objects: whether Cluster API can apply them to a new cluster. */
export const objectProofs: readonly Proof[] = [
  defineProof({
    id: "render/no-secrets",
    summary: "The render contains no Secret that changes at every render.",
    why: "a ConfigMap is widely readable, and the keys are new at every render",
    run: ({ objects, secrets, text }) => [
      ...objects
        .filter(({ kind }) => kind === "Secret")
        .map(({ metadata }) => ({
          key: "hubble.tls.auto.method",
          problem: `the render contains the Secret ${metadata.name}, with keys that are new at every render`,
          fix: "set cilium.values.hubble.tls.auto.method to cronJob, or hubble.enabled to false",
        })),
      // Separated Secrets are removed from the text line by line, which misses any other notation.
      secrets !== undefined && /\bkind["']?:\s*["']?Secret\b/.test(text)
        ? {
            problem:
              "the render has a Secret that is not written as a block, and would stay in the ConfigMap",
            fix: "write kind: Secret on its own line in the chart in cilium.chartDirectory",
          }
        : [],
    ],
  }),
  defineProof({
    id: "render/no-private-keys",
    summary: "No private key is outside a Secret.",
    why: "everything but a Secret is widely readable, in both clusters and in the state of this stack",
    run: ({ objects }) =>
      objects
        .filter((object) => object.kind !== "Secret" && holdsKey(object))
        .map(({ kind, metadata }) => ({
          problem: `${kind} ${metadata.name} contains a private key`,
          fix: "put the key into its own Secret, and refer to that in cilium.values (existingSecret)",
        })),
  }),
  defineProof({
    id: "render/objects-named",
    summary: "Every document has an apiVersion, a kind and a name.",
    why: "Cluster API retries a document without kind or name indefinitely, and the resource set never counts as applied",
    run: ({ documents }) =>
      documents.flatMap((document, i) => {
        const missing = [["apiVersion"], ["kind"], ["metadata", "name"]]
          .filter((path) => (text(document, ...path) ?? "") === "")
          .map((path) => path.join("."));
        if (missing.length === 0) return [];
        const kind = text(document, "kind") ?? "object";
        return {
          problem: `document ${i + 1} of the render (${kind}) has no ${missing.join(", ")}`,
          fix: "use the released chart, or change the chart in cilium.chartDirectory",
        };
      }),
  }),
  defineProof({
    id: "render/objects-unique",
    summary: "Every object of the render is distinct.",
    why: "of two objects with the same name the resource set creates the first and silently skips the second",
    run: ({ objects }) => {
      const seen = new Set<string>();
      return objects.flatMap(({ kind, metadata: { namespace, name } }) => {
        const key = [kind, namespace, name].filter((part) => part !== undefined).join("/");
        if (!seen.has(key)) {
          seen.add(key);
          return [];
        }
        return {
          problem: `the render contains ${key} twice`,
          fix: "rename one of the two: a service account in cilium.values.serviceAccounts, else in the chart (cilium.chartDirectory)",
        };
      });
    },
  }),
  defineProof({
    id: "render/no-lists",
    summary: "The render contains no List.",
    why: "Cluster API does not expand a List: it tries to create an object of that kind, which always fails",
    run: ({ objects }) =>
      objects
        .filter((object) => object.kind.endsWith("List") && Array.isArray(object["items"]))
        .map(({ kind, metadata }) => ({
          problem: `the render contains a ${kind}, ${metadata.name}`,
          fix: "write its items as separate documents in the chart in cilium.chartDirectory",
        })),
  }),
  defineProof({
    id: "render/kinds-built-in",
    summary: "A new API server serves all kinds of the render.",
    why: "Cilium's operator registers its kinds at run time, and until then the whole resource set counts as not applied",
    run: ({ objects }) =>
      objects
        .filter(({ apiVersion }) => {
          const [group, version] = apiVersion.split("/");
          return version !== undefined && (!isBuiltIn(group ?? "") || later.includes(group ?? ""));
        })
        .map(({ apiVersion, kind, metadata }) => ({
          problem: `the render contains ${kind} ${metadata.name} of ${apiVersion}, which a new cluster does not serve`,
          fix: "disable it in cilium.values (serviceMonitor, gatewayAPI), and create it once the cluster is ready",
        })),
  }),
  defineProof({
    id: "render/namespaces-exist",
    summary: "Every namespace of the render exists in a new cluster or is part of the render.",
    why: "an object in a namespace that does not exist is refused, and the resource set never counts as applied",
    run: ({ objects }) => {
      const known = [...always, ...objects.filter(({ kind }) => kind === "Namespace").map(nameOf)];
      return objects.flatMap(({ kind, metadata: { namespace, name } }) =>
        namespace === undefined || known.includes(namespace)
          ? []
          : {
              problem: `${kind} ${name} belongs to the namespace "${namespace}", which does not exist`,
              fix: "remove the reference from cilium.values (secretsNamespace), or let the chart create it (create: true)",
            },
      );
    },
  }),
  defineProof({
    id: "render/no-webhooks",
    summary: "The render contains no admission webhook.",
    why: "the API server would call a pod that needs the network which Cilium has yet to provide",
    run: ({ objects }) =>
      objects
        .filter(({ kind }) => /^(Validating|Mutating)WebhookConfiguration$/.test(kind))
        .map(({ kind, metadata }) => ({
          problem: `the render contains the ${kind} ${metadata.name}`,
          fix: "disable it in cilium.values, and create it once the cluster is ready",
        })),
  }),
];

/** A key in PEM form anywhere, or a file of a ConfigMap with the name of one. */
function holdsKey(object: unknown): boolean {
  const files = Object.keys((field(object, "data") as object | undefined) ?? {});
  return JSON.stringify(object).includes("PRIVATE KEY-----") || files.some((name) => /\.key$/.test(name));
}

function isBuiltIn(group: string): boolean {
  return builtIn.test(group) || group === "rbac.authorization.k8s.io";
}

function nameOf({ metadata }: { readonly metadata: { readonly name: string } }): string {
  return metadata.name;
}
