import { defineCheck } from "../check";

export const peerNamesUnique = defineCheck({
  id: "bgp/peer-names-unique",
  why: "peer configurations are objects named after their peer",
  run: ({ bgp }) => {
    const seen = new Map<string, string>();
    return (bgp?.instances ?? []).flatMap((instance, i) =>
      instance.peers.flatMap(({ name }, j) => {
        const at = `bgp.instances[${i}].peers[${j}].name`;
        const first = seen.get(name);
        seen.set(name, first ?? at);
        return first === undefined
          ? []
          : [{ at, problem: `"${name}" is also the name of ${first}`, fix: "give each peer its own name" }];
      }),
    );
  },
});
