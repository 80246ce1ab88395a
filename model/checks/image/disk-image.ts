import { defineCheck } from "../check";
import { ofEachImage } from "./each-image";
import { endingOf } from "./ending";

const packed = ["gz", "xz", "zst", "bz2", "zip", "tar", "tgz"];

export const diskImage = defineCheck({
  id: "image/disk-image",
  why: "the installer writes what it fetched: an archive or an installation medium on the disk does not boot",
  run: ofEachImage(({ image }) => {
    const ending = endingOf(image.url);
    const what = packed.includes(ending)
      ? "a packed file"
      : ending === "iso"
        ? "an installation medium"
        : undefined;
    if (what === undefined) return [];
    return [
      {
        at: "image.url",
        problem: `${image.url.split("/").at(-1)} is ${what}`,
        fix:
          ending === "iso"
            ? "write the URL of a disk image"
            : "unpack it on the server, and write that file's URL and checksum",
      },
    ];
  }),
});
