import { parseAddress } from "../../net/addresses";
import type { Stack } from "../../stack/schema";
import { type Image, namedImages } from "../../plan/images";
import { listed } from "../../findings/finding";
import { type Check, type CheckDefinition, type CheckResults, defineCheck } from "../check";
import { misplacement } from "../net/networks";

/** A check's run over every image of a stack: places below `image` become those of the image. */
export function ofEachImage(
  run: (named: { readonly image: Image }, stack: Stack) => CheckResults,
): CheckDefinition["run"] {
  return (stack) =>
    namedImages(stack).flatMap(({ at: place, image }) =>
      listed(run({ image }, stack)).map((result) => ({
        ...result,
        at: result.at.replace(/^image\b/, place),
      })),
    );
}

/** The name of a URL's file, in lower case. */
export function fileOf(url: string): string {
  return url.split(/[?#]/)[0]?.split("/").at(-1)?.toLowerCase() ?? "";
}

/** The ending of a URL's file, in lower case: `qcow2`; empty when there is no dot. */
function endingOf(url: string): string {
  return /\.([^.]*)$/.exec(fileOf(url))?.[1] ?? "";
}

const compressed = ["gz", "xz", "zst", "bz2", "zip", "tar", "tgz"];

const formats: Readonly<Record<string, string>> = { qcow2: "qcow2", raw: "raw", vdi: "vdi", vmdk: "vmdk" };

/** File names of systems that use Ignition, or their own API, instead of cloud-init. */
const otherSystems: readonly (readonly [word: RegExp, name: string])[] = [
  [/coreos|\b[frs]h?cos\b/, "Fedora CoreOS, RHCOS and SCOS use Ignition"],
  [/flatcar/, "Flatcar uses Ignition"],
  [/micro-?os|leap-?micro|sl-?micro/, "MicroOS and Leap Micro use Ignition"],
  [/talos/, "Talos uses its own machine configuration"],
  [/bottlerocket/, "Bottlerocket uses its own settings"],
  [/kairos/, "Kairos uses its own cloud-config"],
];

/** Checks of the URLs of images, and of what their file names show. */
export const imageUrlChecks: readonly Check[] = [
  defineCheck({
    id: "image/url-scheme",
    summary: "Images are served over HTTP or HTTPS.",
    why: "the installer on the host downloads the image over HTTP and supports no other scheme",
    run: ofEachImage(({ image }) => {
      const scheme = /^([a-z][-+.a-z0-9]*):/i.exec(image.url)?.[1]?.toLowerCase();
      if (/^https?:\/\/[^/\s]+\/\S+$/i.test(image.url)) return [];
      const reason =
        scheme === "oci"
          ? "is an OCI reference, which Metal3 accepts only without a checksum"
          : scheme === undefined || /^https?$/.test(scheme)
            ? "is not the URL of a file"
            : `has the scheme ${scheme}`;
      return {
        at: "image.url",
        problem: `"${shownUrl(image.url)}" ${reason}`,
        fix: "write the image's URL, such as https://images.example.com/ubuntu-24.04-k8s-v1.36.3.qcow2",
      };
    }),
  }),
  defineCheck({
    id: "image/host-reachable",
    summary: "The server of the image is outside the machine and the cluster's networks.",
    why: "the installer runs on the new host before the cluster exists, and cannot download from itself or from a pod",
    run: ofEachImage(({ image }, stack) =>
      (["url", "checksum"] as const).flatMap((key) => {
        const host = /^https?:\/\/(?:[^/@]*@)?(?:\[([^\]]+)\]|([^/:]+))/i.exec(image[key]);
        const text = (host?.[1] ?? host?.[2] ?? "").toLowerCase();
        const problem = text === "localhost" ? "is loopback" : misplacement(stack, parseAddress(text));
        if (problem === undefined) return [];
        return {
          at: `image.${key}`,
          problem: `"${text}" ${problem}`,
          fix: "use a server that the hosts can reach during the installation",
        };
      }),
    ),
  }),
  defineCheck({
    id: "image/no-login-in-url",
    summary: "Image URLs contain no login.",
    why: "the URL is unencrypted in the stack file, the state and every machine template",
    run: ofEachImage(({ image }) =>
      (["url", "checksum"] as const)
        .filter((key) => /^https?:\/\/[^/]*@/i.test(image[key]))
        .map((key) => ({
          at: `image.${key}`,
          problem: "the URL contains a login",
          fix: "remove it, change that password, and serve the image without a login on the provisioning network",
        })),
    ),
  }),
  defineCheck({
    id: "image/disk-image",
    summary: "The image is an uncompressed disk image.",
    why: "the installer writes the file as it is: an archive or an installation medium on the disk does not boot",
    run: ofEachImage(({ image }) => {
      const ending = endingOf(image.url);
      const what = compressed.includes(ending)
        ? "a compressed file"
        : ending === "iso"
          ? "an installation medium"
          : undefined;
      if (what === undefined) return [];
      return {
        at: "image.url",
        problem: `${image.url.split("/").at(-1)} is ${what}`,
        fix:
          ending === "iso"
            ? "write the URL of a disk image"
            : "unpack it on the server, and write that file's URL and checksum",
      };
    }),
  }),
  defineCheck({
    id: "image/format-same",
    summary: "The image's format matches the ending of its file.",
    why: "a qcow2 image written as raw does not boot, and a raw image is not a valid qcow2 image",
    run: ofEachImage(({ image }) => {
      // .img is used for both formats.
      const named = formats[endingOf(image.url)];
      if (named === undefined || named === image.format) return [];
      return {
        at: "image.format",
        problem: `"${image.format}", but ${image.url.split("/").at(-1)} looks like ${named}`,
        fix: `write ${named}, or the URL of a ${image.format} image`,
      };
    }),
  }),
  defineCheck({
    id: "image/runs-cloud-init",
    summary: "The image's name does not suggest a system without cloud-init.",
    why: "the machine's names, labels, addresses and kubeadm configuration reach it as cloud-init user data; another system writes the image, boots, and never becomes a node",
    run: ofEachImage(({ image: { url } }) => {
      const file = fileOf(url);
      return otherSystems
        .filter(([word]) => word.test(file.replace(/_/g, "-")))
        .map(([, name]) => ({
          at: "image.url",
          problem: `"${file}" looks like a system without cloud-init: ${name}`,
          fix: "write an image with cloud-init and its ConfigDrive source (docs/image.md), or accept this where only the name misleads",
        }));
    }),
  }),
];

/** A URL without the login, which may be secret. */
function shownUrl(url: string): string {
  return url.replace(/\/\/[^/]*@/, "//***@");
}
