import { defineCheck } from "../check";
import { ofEachImage } from "./each-image";
import { digitsOf, isChecksumUrl, toldType } from "./checksum";

export const checksumForm = defineCheck({
  id: "image/checksum-form",
  why: "the written disk never matches, and every host fails after minutes of copying",
  run: ofEachImage(({ image: { checksum, checksumType } }) => {
    if (isChecksumUrl(checksum) || toldType(checksum) !== undefined) return [];
    const digits = /^[0-9a-f]+$/i.test(checksum);
    return [
      {
        at: "image.checksum",
        problem: digits
          ? `"${checksum}" has ${checksum.length} digits`
          : `"${checksum.replace(/\/\/[^/]*@/, "//***@")}" is neither a checksum nor a URL`,
        fix: `write the ${digitsOf[checksumType]} hexadecimal digits of a ${checksumType}, or the URL of a file with them`,
      },
    ];
  }),
});
