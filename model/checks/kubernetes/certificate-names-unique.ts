import { defineCheck, pairs } from "../check";

export const certificateNamesUnique = defineCheck({
  id: "kubernetes/certificate-names-unique",
  why: "a name that is there twice hides the one that was meant, and its clients are refused",
  severity: "warning",
  run: ({ kubernetes: { certificateNames, endpoint } }) =>
    pairs([
      { at: "kubernetes.endpoint.host", name: endpoint.host },
      ...certificateNames.map((name, i) => ({ at: `kubernetes.certificateNames[${i}]`, name })),
    ])
      .filter(([a, b]) => a.name.toLowerCase() === b.name.toLowerCase())
      .map(([a, b]) => ({ at: b.at, problem: `"${b.name}" is already ${a.at}`, fix: "remove it" })),
});
