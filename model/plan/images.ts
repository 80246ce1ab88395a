import { workerPool } from "../stack/addressing";
import type { Stack } from "../stack/schema";

/** A system image as it is written to a disk. */
export type Image = Pick<Stack["image"], "url" | "checksum" | "checksumType" | "format">;

/** The image of a pool's machines: its own, where the pool names one, else the stack's. */
export function imageOf(stack: Stack, pool: string): Image {
  const own = workerPool(stack, pool)?.image;
  const { url, checksum, checksumType, format } = stack.image;
  return {
    url: own?.url ?? url,
    checksum: own?.checksum ?? checksum,
    checksumType: own?.checksumType ?? checksumType,
    format: own?.format ?? format,
  };
}

/** Every image that the stack names, each with its place in the stack file. */
export function namedImages(stack: Stack): readonly { readonly at: string; readonly image: Image }[] {
  return [
    { at: "image", image: stack.image },
    ...stack.workers.flatMap(({ name, image }, i) =>
      image === undefined ? [] : [{ at: `workers[${i}].image`, image: imageOf(stack, name) }],
    ),
  ];
}
