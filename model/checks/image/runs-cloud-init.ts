import { defineCheck } from "../check";
import { ofEachImage } from "./each-image";

/** Words in file names of systems that are configured by Ignition, or by an API of their own, instead of cloud-init. */
const others: readonly (readonly [word: RegExp, name: string])[] = [
  [/coreos|\b[frs]h?cos\b/, "Fedora CoreOS, RHCOS and SCOS run Ignition"],
  [/flatcar/, "Flatcar runs Ignition"],
  [/micro-?os|leap-?micro|sl-?micro/, "MicroOS and Leap Micro run Ignition"],
  [/talos/, "Talos runs machine configurations of its own"],
  [/bottlerocket/, "Bottlerocket runs settings of its own"],
  [/kairos/, "Kairos runs cloud-configs of its own"],
];

export const runsCloudInit = defineCheck({
  id: "image/runs-cloud-init",
  why: "the machine's names, labels, addresses and kubeadm reach it as cloud-init user data; another system writes the image, boots, and never becomes a node",
  run: ofEachImage(({ image: { url } }) => {
    const file = url.split(/[?#]/)[0]?.split("/").at(-1)?.toLowerCase() ?? "";
    return others
      .filter(([word]) => word.test(file.replace(/_/g, "-")))
      .map(([, name]) => ({
        at: "image.url",
        problem: `"${file}" looks like a system without cloud-init: ${name}`,
        fix: "write an image with cloud-init and its ConfigDrive source (docs/image.md), or accept this where only the name misleads",
      }));
  }),
});
