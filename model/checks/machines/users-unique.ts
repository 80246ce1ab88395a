import { defineCheck, pairs } from "../check";

export const usersUnique = defineCheck({
  id: "machines/users-unique",
  why: "cloud-init leaves the first of two users of one name as it is, so the keys of the second one open nothing",
  run: ({ machines }) =>
    pairs(machines.users.map(({ name }, i) => ({ name, i })))
      .filter(([a, b]) => a.name === b.name)
      .map(([a, b]) => ({
        at: `machines.users[${b.i}].name`,
        problem: `"${b.name}" is also the name of machines.users[${a.i}]`,
        fix: `put all keys into machines.users[${a.i}].sshAuthorizedKeys`,
      })),
});
