import { parseAddress } from "../../addresses/range";
import { defineCheck } from "../check";

const domainName = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const certificateNamesForm = defineCheck({
  id: "kubernetes/certificate-names-form",
  why: "kubeadm init ends at a name that it cannot put into the certificate, and there is no control plane",
  run: ({ kubernetes: { certificateNames } }) =>
    certificateNames.flatMap((name, i) => {
      if (domainName.test(name) || parseAddress(name) !== undefined) return [];
      const bare = name
        .trim()
        .toLowerCase()
        .replace(/^[a-z]+:\/\//, "")
        .replace(/(:\d+)?(\/.*)?$/, "");
      return [
        {
          at: `kubernetes.certificateNames[${i}]`,
          problem: `"${name}" is no host name and no address`,
          fix: `write ${domainName.test(bare) ? bare : "one such as api.example.com"}`,
        },
      ];
    }),
});
