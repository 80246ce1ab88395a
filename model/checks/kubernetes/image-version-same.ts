import { defineCheck } from "../check";
import { ofEachImage } from "../image/each-image";

/** A Kubernetes version in a file name: three numbers, the first one 1, the second one of two digits. */
const inName = /(?<![\d.])v?(1\.[23]\d\.\d+)(?![\d.]*\d)/g;

export const imageVersionSame = defineCheck({
  id: "kubernetes/image-version-same",
  why: "kubeadm refuses to install another version than its own, after the disks were written",
  run: ofEachImage(({ image }, { kubernetes: { version } }) => {
    const found = [...image.url.matchAll(inName)].map(([, number = ""]) => `v${number}`);
    if (found.length === 0 || found.includes(version)) return [];
    return [
      {
        at: "image.url",
        problem: `"${image.url}" names Kubernetes ${found.join(" and ")}, kubernetes.version is ${version}`,
        fix: `take an image with ${version}, or write ${found[0] ?? version} as kubernetes.version`,
      },
    ];
  }),
});
