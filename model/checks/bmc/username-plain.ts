import { defineCheck } from "../check";

export const usernamePlain = defineCheck({
  id: "bmc/username-plain",
  why: "the BMC refuses a name with a blank or line break in it, and locks the account after a few tries",
  run: ({ bmc, hosts }) =>
    [
      { at: "bmc.username", name: bmc.username },
      ...hosts.map((host, i) => ({ at: `hosts[${i}].bmc.username`, name: host.bmc.username })),
    ].flatMap(({ at, name = "" }) =>
      // eslint-disable-next-line no-control-regex -- control characters are what is looked for
      /[\s\u0000-\u001f]/.test(name)
        ? [
            {
              at,
              problem: `${JSON.stringify(name)} holds a blank`,
              fix: `write "${name.replace(/\s+/g, "")}"`,
            },
          ]
        : [],
    ),
});
