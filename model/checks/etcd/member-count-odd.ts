import { defineCheck } from "../check";

export const memberCountOdd = defineCheck({
  id: "etcd/member-count-odd",
  why: "an even member more survives no failure more",
  run: ({ controlPlane: { replicas } }) =>
    replicas % 2 === 1
      ? []
      : [
          {
            at: "controlPlane.replicas",
            problem: `${replicas} members survive as many failures as ${replicas - 1}, and Cluster API refuses them`,
            fix: `write ${replicas - 1} or ${replicas + 1}`,
          },
        ],
});
