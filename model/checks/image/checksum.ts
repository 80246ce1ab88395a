import type { Stack } from "../../stack/schema";
import { type Check, defineCheck } from "../check";
import { fileOf, ofEachImage } from "./url";

type ChecksumType = Stack["image"]["checksumType"];

/** Hexadecimal digits of each type. */
const digitsOf: Readonly<Record<ChecksumType, number>> = { md5: 32, sha256: 64, sha512: 128 };

/** Whether the checksum is the URL of a file instead of the digits themselves. */
function isChecksumUrl(checksum: string): boolean {
  return /^https?:\/\/[^/\s]+\/\S+$/i.test(checksum);
}

/** The type that follows from a checksum's length or its file's name; undefined when neither is clear. */
function inferredType(checksum: string): ChecksumType | undefined {
  const types = ["md5", "sha256", "sha512"] as const;
  if (!isChecksumUrl(checksum)) {
    return /^[0-9a-f]+$/i.test(checksum)
      ? types.find((type) => digitsOf[type] === checksum.length)
      : undefined;
  }
  const name = fileOf(checksum);
  return types.find((type) => name.endsWith(`.${type}`) || name.includes(`${type}sum`));
}

/** Checks of the checksums of images. */
export const checksumChecks: readonly Check[] = [
  defineCheck({
    id: "image/checksum-form",
    summary: "The image's checksum is a checksum of its type, or a URL.",
    why: "the written disk never matches, and every host fails after minutes of copying",
    run: ofEachImage(({ image: { checksum, checksumType } }) => {
      if (isChecksumUrl(checksum) || inferredType(checksum) !== undefined) return [];
      const digits = /^[0-9a-f]+$/i.test(checksum);
      return {
        at: "image.checksum",
        problem: digits
          ? `"${checksum}" has ${checksum.length} digits`
          : `"${checksum.replace(/\/\/[^/]*@/, "//***@")}" is neither a checksum nor a URL`,
        fix: `write the ${digitsOf[checksumType]} hexadecimal digits of a ${checksumType}, or the URL of a file with them`,
      };
    }),
  }),
  defineCheck({
    id: "image/checksum-type-same",
    summary: "The checksum type matches the checksum's length or the name of its file.",
    why: "the installer computes another kind of checksum than it compares with, and every host fails after minutes of copying",
    run: ofEachImage(({ image: { checksum, checksumType } }) => {
      const inferred = inferredType(checksum);
      if (inferred === undefined || inferred === checksumType) return [];
      const shown = isChecksumUrl(checksum) ? checksum.split("/").at(-1) : checksum;
      return {
        at: "image.checksumType",
        problem: `"${checksumType}", but ${shown} is a ${inferred}`,
        fix: `write ${inferred}, or the ${checksumType} of the image`,
      };
    }),
  }),
  defineCheck({
    id: "image/checksum-strong",
    summary: "The image's checksum is not MD5.",
    why: "two images can have the same MD5, so it does not prove who built this one",
    severity: "warning",
    run: ofEachImage(({ image }) =>
      image.checksumType === "md5"
        ? {
            at: "image.checksumType",
            problem: '"md5" is insecure',
            fix: "write sha256, and the image's sha256",
          }
        : [],
    ),
  }),
];
