import type { Stack } from "../../config/schema";

export type ChecksumType = Stack["image"]["checksumType"];

/** Hexadecimal digits of each type. */
export const digitsOf: Readonly<Record<ChecksumType, number>> = { md5: 32, sha256: 64, sha512: 128 };

/** Is the checksum written out, or does it stand in a file at a URL? */
export function isChecksumUrl(checksum: string): boolean {
  return /^https?:\/\/[^/\s]+\/\S+$/i.test(checksum);
}

/** The type that a checksum's length or its file's name tells; undefined when neither does. */
export function toldType(checksum: string): ChecksumType | undefined {
  const types = ["md5", "sha256", "sha512"] as const;
  if (!isChecksumUrl(checksum)) {
    return /^[0-9a-f]+$/i.test(checksum)
      ? types.find((type) => digitsOf[type] === checksum.length)
      : undefined;
  }
  const name = checksum.split(/[?#]/)[0]?.split("/").at(-1)?.toLowerCase() ?? "";
  return types.find((type) => name.endsWith(`.${type}`) || name.includes(`${type}sum`));
}
