import { defineCheck } from "../check";
import { ofEachImage } from "./each-image";
import { isChecksumUrl, toldType } from "./checksum";

export const checksumTypeSame = defineCheck({
  id: "image/checksum-type-same",
  why: "the installer computes another kind of checksum than it compares with, and every host fails after minutes of copying",
  run: ofEachImage(({ image: { checksum, checksumType } }) => {
    const told = toldType(checksum);
    if (told === undefined || told === checksumType) return [];
    const shown = isChecksumUrl(checksum) ? checksum.split("/").at(-1) : checksum;
    return [
      {
        at: "image.checksumType",
        problem: `"${checksumType}", but ${shown} is a ${told}`,
        fix: `write ${told}, or the ${checksumType} of the image`,
      },
    ];
  }),
});
