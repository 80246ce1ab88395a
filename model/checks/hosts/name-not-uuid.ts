import { defineCheck } from "../check";

export const nameNotUuid = defineCheck({
  id: "hosts/name-not-uuid",
  why: "Metal3 refuses names that look like a UUID",
  run: ({ hosts }) =>
    hosts.flatMap(({ name }, i) =>
      /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(name)
        ? [
            {
              at: `hosts[${i}].name`,
              problem: `"${name}" looks like a UUID`,
              fix: "choose another name, such as cp-1",
            },
          ]
        : [],
    ),
});
