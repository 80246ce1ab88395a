import type { Host } from "../../config/schema";
import { imageOf } from "../../plan/images";
import { defineCheck } from "../check";

const architectureOf = ({ architecture = "x86_64" }: Host): string => architecture;

export const architectureHasImage = defineCheck({
  id: "hosts/architecture-has-image",
  why: "an image holds programs of one architecture: on a server of another it is written and does not boot",
  run: (stack) => {
    const first = new Map<string, Host>();
    return stack.hosts.flatMap((host, i) => {
      const { url } = imageOf(stack, host.pool);
      const other = first.get(url);
      if (other === undefined) first.set(url, host);
      if (other === undefined || architectureOf(other) === architectureOf(host)) return [];
      return [
        {
          at: `hosts[${i}].architecture`,
          problem: `${host.name} is ${architectureOf(host)}, and gets the image of ${other.name}, which is ${architectureOf(other)}`,
          fix: "put the host into a worker pool whose image is of its architecture (workers[].image)",
        },
      ];
    });
  },
});
