import { defineCheck } from "../check";

/** A key's type, and how its base64 starts: the type again, with its length before it (RFC 4253, 6.6). */
const types: readonly (readonly [type: string, start: string])[] = [
  ["ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5"],
  ["ssh-rsa", "AAAAB3NzaC1yc2E"],
  ["ecdsa-sha2-nistp256", "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY"],
  ["ecdsa-sha2-nistp384", "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQ"],
  ["ecdsa-sha2-nistp521", "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjE"],
  ["sk-ssh-ed25519@openssh.com", "AAAAGnNrLXNzaC1lZDI1NTE5"],
  ["sk-ecdsa-sha2-nistp256@openssh.com", "AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTY"],
];
/** The shortest key, ed25519, has 68 characters. */
const shortest = 60;

export const sshKeysForm = defineCheck({
  id: "machines/ssh-keys-form",
  why: "sshd skips a line that it cannot read, so the machine cannot be entered when it hangs",
  run: ({ machines }) =>
    machines.users.flatMap(({ name, sshAuthorizedKeys }, i) =>
      sshAuthorizedKeys.flatMap((key, j) => {
        const problem = problemOf(key);
        if (problem === undefined) return [];
        return [
          {
            at: `machines.users[${i}].sshAuthorizedKeys[${j}]`,
            problem: `the key of ${name} ${problem}`,
            fix: "paste one line of a .pub file, such as ssh-ed25519 AAAAC3Nz... name@host",
          },
        ];
      }),
    ),
});

// The key itself is not quoted: what was pasted may be a private one.
function problemOf(key: string): string | undefined {
  if (key.includes("PRIVATE KEY")) return "is a private key, and must not be in this file";
  if (key.trim().includes("\n")) return "has several lines";
  const words = key.trim().split(/\s+/);
  const found = words.flatMap((word, at) =>
    types.filter(([type]) => type === word).map((type) => ({ type, at })),
  )[0];
  if (found === undefined) return "names no type of key that sshd takes";
  const body = words[found.at + 1] ?? "";
  if (!body.startsWith(found.type[1])) return `is not of the type ${found.type[0]} that it names`;
  if (body.length < shortest || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return "is cut short";
  return undefined;
}
