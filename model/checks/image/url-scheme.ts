import { defineCheck } from "../check";
import { ofEachImage } from "./each-image";

export const urlScheme = defineCheck({
  id: "image/url-scheme",
  why: "the installer on the host fetches the image over HTTP, and nothing else reaches it there",
  run: ofEachImage(({ image }) => {
    const scheme = /^([a-z][-+.a-z0-9]*):/i.exec(image.url)?.[1]?.toLowerCase();
    if (/^https?:\/\/[^/\s]+\/\S+$/i.test(image.url)) return [];
    const reason =
      scheme === "oci"
        ? "is an OCI reference, which Metal3 takes only without a checksum"
        : scheme === undefined || /^https?$/.test(scheme)
          ? "is no URL of a file"
          : `has the scheme ${scheme}`;
    return [
      {
        at: "image.url",
        problem: `"${shownUrl(image.url)}" ${reason}`,
        fix: "write the image's URL, such as https://images.example.com/ubuntu-24.04-k8s-v1.36.3.qcow2",
      },
    ];
  }),
});

/** A URL as a finding may show it: a login in it could be a secret. */
function shownUrl(url: string): string {
  return url.replace(/\/\/[^/]*@/, "//***@");
}
