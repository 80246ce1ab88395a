import { defineCheck } from "../check";
import { repeated } from "../repeated";
import { componentsOf, mountedByKubeadm } from "./components";

/** Names of the volumes that kubeadm gives its own pods. */
const kubeadms = [
  "k8s-certs",
  "ca-certs",
  "etc-ca-certificates",
  "usr-share-ca-certificates",
  "usr-local-share-ca-certificates",
  "etc-pki-ca-trust",
  "etc-pki-tls-certs",
  "kubeconfig",
  "flexvolume-dir",
];

export const volumesUnique = defineCheck({
  id: "kubernetes/volumes-unique",
  why: "the kubelet refuses a pod with one volume name or mount path twice, and the component never starts",
  run: (stack) =>
    componentsOf(stack).flatMap(({ name: component, extraVolumes }) => {
      const volumes = extraVolumes.map((volume, i) => ({
        ...volume,
        at: `kubernetes.${component}.extraVolumes[${i}]`,
      }));
      return [
        ...repeated(volumes, ({ name }) => name).map(([first, again]) => ({
          at: `${again.at}.name`,
          problem: `"${again.name}" is also the name of ${first.at}`,
          fix: "give each volume its own name",
        })),
        ...repeated(volumes, ({ mountPath }) => mountPath).map(([first, again]) => ({
          at: `${again.at}.mountPath`,
          problem: `"${again.mountPath}" is also mounted by ${first.at}`,
          fix: "mount each at a path of its own",
        })),
        ...volumes
          .filter(
            ({ name, mountPath }) =>
              kubeadms.includes(name) || mountedByKubeadm[component].includes(mountPath),
          )
          .map(({ at, name, mountPath }) => ({
            at,
            problem: `${name} at ${mountPath} is a volume of kubeadm's own`,
            fix: "choose another name and mount path",
          })),
      ];
    }),
});
