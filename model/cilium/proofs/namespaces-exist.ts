import { defineProof } from "./proof";

/** Namespaces that a new cluster has. */
const always = ["default", "kube-public", "kube-system", "kube-node-lease"];

export const namespacesExist = defineProof({
  id: "render/namespaces-exist",
  why: "an object in a namespace that nobody creates is refused, and the resource set never counts as applied",
  run: ({ objects }) => {
    const known = [...always, ...objects.filter(({ kind }) => kind === "Namespace").map(nameOf)];
    return objects.flatMap(({ kind, metadata: { namespace, name } }) =>
      namespace === undefined || known.includes(namespace)
        ? []
        : [
            {
              problem: `${kind} ${name} belongs to the namespace "${namespace}", which nothing creates`,
              fix: "remove what names it from cilium.values (secretsNamespace), or let the chart create it (create: true)",
            },
          ],
    );
  },
});

function nameOf({ metadata }: { readonly metadata: { readonly name: string } }): string {
  return metadata.name;
}
