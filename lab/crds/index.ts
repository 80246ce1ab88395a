import { infrastructureKinds } from "./metal3-infrastructure";
import { ipamKinds } from "./metal3-ipam";
import { type Kind, definitionOf } from "./schema";

/** Every kind that we define ourselves, because no Go module carries it. */
export const ownKinds: readonly Kind[] = [...infrastructureKinds, ...ipamKinds];

/** The CustomResourceDefinitions of {@link ownKinds}, as plain objects. */
export function ownDefinitions(): readonly Record<string, unknown>[] {
  return ownKinds.map(definitionOf);
}
