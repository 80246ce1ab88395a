import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { specialRangeOf } from "../../addresses/special";
import { defineCheck } from "../check";
import { isNodeNetwork, networksOf } from "../net/networks";
import { ofEachImage } from "./each-image";

export const hostReachable = defineCheck({
  id: "image/host-reachable",
  why: "the installer runs on the new host, before there is a cluster, and cannot fetch from itself or from a pod",
  run: ofEachImage(({ image }, stack) =>
    (["url", "checksum"] as const).flatMap((key) => {
      const host = /^https?:\/\/(?:[^/@]*@)?(?:\[([^\]]+)\]|([^/:]+))/i.exec(image[key]);
      const text = (host?.[1] ?? host?.[2] ?? "").toLowerCase();
      const address = parseAddress(text);
      const special = text === "localhost" ? "loopback" : address && specialRangeOf(address)?.name;
      const inside =
        address &&
        networksOf(stack).find((named) => {
          const range = parseCidr(named.text);
          return !isNodeNetwork(named) && range !== undefined && contains(range, address);
        });
      if (special === undefined && inside === undefined) return [];
      return [
        {
          at: `image.${key}`,
          problem: `"${text}" ${special === undefined ? `lies in ${inside?.at} ${inside?.text}` : `is ${special}`}`,
          fix: "name a server that the hosts reach while they are installed",
        },
      ];
    }),
  ),
});
