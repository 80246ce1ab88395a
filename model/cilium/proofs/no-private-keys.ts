import { field } from "../../kubernetes/object";
import { defineProof } from "./proof";

export const noPrivateKeys = defineProof({
  id: "render/no-private-keys",
  why: "everything but a Secret is readable by many, in both clusters and in the state of this stack",
  run: ({ objects }) =>
    objects
      .filter((object) => object.kind !== "Secret" && holdsKey(object))
      .map(({ kind, metadata }) => ({
        problem: `${kind} ${metadata.name} holds a private key`,
        fix: "put the key into a Secret of its own, and only name that in cilium.values (existingSecret)",
      })),
});

/** A key in PEM form anywhere, or a file of a ConfigMap that is called like one. */
function holdsKey(object: unknown): boolean {
  const files = Object.keys((field(object, "data") as object | undefined) ?? {});
  return JSON.stringify(object).includes("PRIVATE KEY-----") || files.some((name) => /\.key$/.test(name));
}
