import { overlaps, parseCidr } from "../../addresses/range";
import { defineCheck } from "../check";
import { networksOf } from "./networks";

const dockerBridge = parseCidr("172.17.0.0/16");

export const dockerBridgeClear = defineCheck({
  id: "net/docker-bridge-clear",
  severity: "warning",
  why: "every machine with Docker in its default setting takes 172.17.0.0/16 for its own bridge and cannot reach the cluster's part of it",
  run: (stack) =>
    networksOf(stack).flatMap(({ at, text }) => {
      const range = parseCidr(text);
      if (range === undefined || dockerBridge === undefined || !overlaps(range, dockerBridge)) return [];
      return [
        {
          at,
          problem: `${text} overlaps Docker's default bridge ${dockerBridge.text}`,
          fix: `choose a range outside ${dockerBridge.text}`,
        },
      ];
    }),
});
