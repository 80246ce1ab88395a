import { defineCheck } from "../check";

/** glibc reads three (MAXNS), and the kubelet cuts the list that it gives to pods. */
const most = 3;

export const dnsAtMostThree = defineCheck({
  id: "net/dns-at-most-three",
  severity: "warning",
  why: "the resolver reads the first three servers and never asks the others",
  run: ({ network }) =>
    network.dns.length <= most
      ? []
      : [
          {
            at: `network.dns[${most}]`,
            problem: `"${network.dns[most]}" is server ${most + 1} of ${network.dns.length}`,
            fix: `keep ${most}`,
          },
        ],
});
