import { defineCheck } from "../check";
import { ofEachImage } from "./each-image";
import { endingOf } from "./ending";

const formats: Readonly<Record<string, string>> = { qcow2: "qcow2", raw: "raw", vdi: "vdi", vmdk: "vmdk" };

export const formatSame = defineCheck({
  id: "image/format-same",
  why: "a qcow2 that is written as raw boots from no disk, and a raw image is no qcow2",
  run: ofEachImage(({ image }) => {
    // .img is used for both.
    const told = formats[endingOf(image.url)];
    if (told === undefined || told === image.format) return [];
    return [
      {
        at: "image.format",
        problem: `"${image.format}", but ${image.url.split("/").at(-1)} looks like ${told}`,
        fix: `write ${told}, or the URL of a ${image.format} image`,
      },
    ];
  }),
});
