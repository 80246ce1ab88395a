import type { Stack } from "../../config/schema";
import { type Image, namedImages } from "../../plan/images";
import type { CheckResult } from "../check";

/** A check's run over every image of a stack: `judge` names places below `image`, which become those of the image. */
export function ofEachImage(
  judge: (named: { readonly image: Image }, stack: Stack) => readonly CheckResult[],
): (stack: Stack) => readonly CheckResult[] {
  return (stack) =>
    namedImages(stack).flatMap(({ at: place, image }) =>
      judge({ image }, stack).map((result) => ({ ...result, at: result.at.replace(/^image\b/, place) })),
    );
}
