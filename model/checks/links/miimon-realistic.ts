import { defineCheck } from "../check";

export const miimonRealistic = defineCheck({
  id: "links/miimon-realistic",
  severity: "warning",
  why: "until a dead port is noticed its share of the packets is lost; looking all the time costs a core",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) =>
      host.bonds.flatMap(({ miimon }, j) =>
        miimon >= 20 && miimon <= 1000
          ? []
          : [
              {
                at: `hosts[${i}].bonds[${j}].miimon`,
                problem: `${miimon} ms between two looks at the ports`,
                fix: "write milliseconds from 20 to 1000; 100 is usual",
              },
            ],
      ),
    ),
});
