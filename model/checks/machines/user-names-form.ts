import { defineCheck } from "../check";

export const userNamesForm = defineCheck({
  id: "machines/user-names-form",
  why: "useradd refuses the name, and nobody can log in to find out why",
  run: ({ machines }) =>
    machines.users.flatMap(({ name }, i) =>
      /^[a-z_][a-z0-9_-]{0,31}$/.test(name)
        ? []
        : [
            {
              at: `machines.users[${i}].name`,
              problem: `"${name}" is no user name`,
              fix: "use at most 32 lower-case letters, digits, dashes and underscores, such as ops",
            },
          ],
    ),
});
