import { contains, parseCidr } from "../../addresses/range";
import { defineCheck } from "../check";
import { isNodeNetwork, networksOf } from "../net/networks";
import { bmcAddresses } from "./addresses";

export const outsideClusterNetworks = defineCheck({
  id: "bmc/outside-cluster-networks",
  why: "once routers learn the pod and service routes, what the provisioner sends to the BMC ends at a node",
  run: (stack) => {
    const networks = networksOf(stack).filter((named) => !isNodeNetwork(named));
    return bmcAddresses(stack).flatMap(({ at, address }) =>
      networks
        .filter(({ text }) => {
          const range = parseCidr(text);
          return range !== undefined && contains(range, address);
        })
        .map((network) => ({
          at,
          problem: `"${address.text}" lies in ${network.at} ${network.text}`,
          fix: `choose a range for ${network.at} that leaves the BMC network out`,
        })),
    );
  },
});
