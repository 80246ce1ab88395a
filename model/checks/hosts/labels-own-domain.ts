import { defineCheck } from "../check";

const reserved = /^(.+\.)?(cluster\.x-k8s\.io|metal3\.io|metal\.internal|kubernetes\.io|k8s\.io)\//;

export const labelsOwnDomain = defineCheck({
  id: "hosts/labels-own-domain",
  why: "controllers set and remove labels of their domains when a machine takes or leaves a host, and the host is never found again",
  acceptable: false,
  run: ({ hosts }) =>
    hosts.flatMap(({ labels }, i) =>
      Object.keys(labels)
        .filter((key) => reserved.test(key))
        .map((key) => ({
          at: `hosts[${i}].labels`,
          problem: `"${key}" is in the domain of ${key.includes("metal.internal") ? "this program" : "a controller"}`,
          fix: `use a domain of yours, such as example.com/${key.split("/")[1]}`,
        })),
    ),
});
