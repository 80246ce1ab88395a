import type { Stack } from "../../stack/schema";
import { type Check, type CheckDefinition, type CheckResults, defineCheck, duplicates } from "../check";

type Users = Stack["machines"]["users"];

/** A check's run over the users of all machines, of the control plane's, and of each pool's, with the place of each list. */
export function ofEachUsers(run: (users: Users, at: string) => CheckResults): CheckDefinition["run"] {
  return ({ machines, controlPlane, workers }) => [
    run(machines.users, "machines.users"),
    run(controlPlane.users, "controlPlane.users"),
    workers.map(({ machines: own }, i) => run(own?.users ?? [], `workers[${i}].machines.users`)),
  ];
}

/** A key's type, and the start of its base64: the same type after its length (RFC 4253, 6.6). */
const keyTypes: readonly (readonly [type: string, start: string])[] = [
  ["ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5"],
  ["ssh-rsa", "AAAAB3NzaC1yc2E"],
  ["ecdsa-sha2-nistp256", "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY"],
  ["ecdsa-sha2-nistp384", "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQ"],
  ["ecdsa-sha2-nistp521", "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjE"],
  ["sk-ssh-ed25519@openssh.com", "AAAAGnNrLXNzaC1lZDI1NTE5"],
  ["sk-ecdsa-sha2-nistp256@openssh.com", "AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTY"],
];

/** The shortest key, ed25519, has 68 characters. */
const shortestKey = 60;

/** Checks of local users and their SSH keys. */
export const userChecks: readonly Check[] = [
  defineCheck({
    id: "machines/user-names-form",
    summary: "User names are valid on Linux.",
    why: "useradd refuses the name, and there is no login to find out why",
    run: ofEachUsers((users, at) =>
      users.flatMap(({ name }, i) =>
        /^[a-z_][a-z0-9_-]{0,31}$/.test(name)
          ? []
          : {
              at: `${at}[${i}].name`,
              problem: `"${name}" is not a user name`,
              fix: "use at most 32 lower-case letters, digits, dashes and underscores, such as ops",
            },
      ),
    ),
  }),
  defineCheck({
    id: "machines/users-unique",
    summary: "Every user has a distinct name.",
    why: "cloud-init creates the first of two users with the same name, so the second user's SSH keys are never installed",
    run: ofEachUsers((users, at) =>
      duplicates(
        users.map(({ name: text }, i) => ({ text, at: `${at}[${i}].name` })),
        "put all keys into sshAuthorizedKeys of one entry",
      ),
    ),
  }),
  defineCheck({
    id: "machines/ssh-keys-form",
    summary: "SSH keys are complete public keys of a supported type.",
    why: "sshd skips a line that it cannot parse, so there is no login to the machine when it hangs",
    run: ofEachUsers((users, at) =>
      users.flatMap(({ name, sshAuthorizedKeys }, i) =>
        sshAuthorizedKeys.flatMap((key, j) => {
          const problem = problemOf(key);
          if (problem === undefined) return [];
          return {
            at: `${at}[${i}].sshAuthorizedKeys[${j}]`,
            problem: `the key of ${name} ${problem}`,
            fix: "paste one line of a .pub file, such as ssh-ed25519 AAAAC3Nz... name@host",
          };
        }),
      ),
    ),
  }),
];

// The key itself is not quoted: it may be a private one.
function problemOf(key: string): string | undefined {
  if (key.includes("PRIVATE KEY")) return "is a private key, and must not be in this file";
  if (key.trim().includes("\n")) return "has several lines";
  const words = key.trim().split(/\s+/);
  const found = words.flatMap((word, at) =>
    keyTypes.filter(([type]) => type === word).map((type) => ({ type, at })),
  )[0];
  if (found === undefined) return "has no type that sshd accepts";
  const body = words[found.at + 1] ?? "";
  if (!body.startsWith(found.type[1])) return `is not of its stated type, ${found.type[0]}`;
  if (body.length < shortestKey || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return "is truncated";
  return undefined;
}
