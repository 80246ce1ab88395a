import { defineCheck } from "../check";
import { ofEachImage } from "./each-image";

export const checksumStrong = defineCheck({
  id: "image/checksum-strong",
  severity: "warning",
  why: "two images can be made with one md5, so it proves nothing about who made this one",
  run: ofEachImage(({ image }) =>
    image.checksumType === "md5"
      ? [
          {
            at: "image.checksumType",
            problem: '"md5" is broken',
            fix: "write sha256, and the image's sha256",
          },
        ]
      : [],
  ),
});
