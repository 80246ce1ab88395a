import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { usableIn } from "../../addresses/usable";
import { defineCheck } from "../check";

export const secondaryNetworkUsable = defineCheck({
  id: "net/secondary-network-usable",
  why: "a node has one address of each family on one link; another network, or an address outside it, reaches nothing",
  acceptable: false,
  run: ({ hosts, network: { nodes, secondary } }) => {
    const [first, second] = [parseCidr(nodes), parseCidr(secondary?.nodes ?? "")];
    if (secondary === undefined || first === undefined || second === undefined) return [];
    if (first.family === second.family) {
      return [
        {
          at: "network.secondary.nodes",
          problem: `${second.text} is IPv${second.family}, as network.nodes ${first.text} is`,
          fix: `write an IPv${first.family === 4 ? 6 : 4} network`,
        },
      ];
    }
    const addresses = [
      { at: "network.secondary.gateway", text: secondary.gateway },
      { at: "network.secondary.addressPool.start", text: secondary.addressPool?.start },
      { at: "network.secondary.addressPool.end", text: secondary.addressPool?.end },
      ...hosts.map(({ secondaryAddress }, i) => ({
        at: `hosts[${i}].secondaryAddress`,
        text: secondaryAddress,
      })),
    ];
    return addresses.flatMap(({ at, text }) => {
      const address = parseAddress(text ?? "");
      if (address === undefined || contains(usableIn(second), address)) return [];
      return [
        {
          at,
          problem: `"${address.text}" is no address of a machine inside network.secondary.nodes ${second.text}`,
          fix: `choose a free address inside ${second.text}`,
        },
      ];
    });
  },
});
