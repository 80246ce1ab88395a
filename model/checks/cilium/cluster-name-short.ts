import { defineCheck } from "../check";

export const clusterNameShort = defineCheck({
  id: "cilium/cluster-name-short",
  why: "Cilium refuses cluster names of more than 32 characters",
  run: ({ name }) =>
    name.length <= 32
      ? []
      : [{ at: "name", problem: `"${name}" has ${name.length} characters`, fix: "shorten it to 32" }],
});
