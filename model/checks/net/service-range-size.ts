import { parseCidr } from "../../addresses/range";
import { defineCheck } from "../check";

/** kube-apiserver takes at most 20 bits of addresses; kubeadm wants at least ten addresses, for the cluster's DNS. */
const allowed = { 4: { largest: 12, smallest: 28 }, 6: { largest: 108, smallest: 124 } } as const;

export const serviceRangeSize = defineCheck({
  id: "net/service-range-size",
  why: "kube-apiserver does not start with a service range of more than 2^20 addresses, nor kubeadm with less than ten",
  acceptable: false,
  run: ({ network }) =>
    network.services.flatMap((text, i) => {
      const range = parseCidr(text);
      if (range === undefined) return [];
      const { largest, smallest } = allowed[range.family];
      if (range.prefix >= largest && range.prefix <= smallest) return [];
      return [
        {
          at: `network.services[${i}]`,
          problem: `${text} is too ${range.prefix < largest ? "large" : "small"} for services`,
          fix: `write a prefix length from /${largest} to /${smallest}`,
        },
      ];
    }),
});
