// cspell:ignore assword

/** What a pattern may look at again and again when a text consists of it. */
const parts = [
  "a",
  "password",
  "-",
  " ",
  "*",
  "[secret] ",
  "-----BEGIN X",
  "A1b",
  "{password:",
  "//a:",
  "echo a | ",
  "echo a > /etc/a ",
  "chpasswd <<< ",
  "chpasswd <<E\n",
  "password for a: ",
  "password is ",
  "1.1.1.1:1:a,",
  "bgp_peers 1.1.1.1:1:",
  "s,<password-of-a>,",
  "login root/",
  "a:1:b:c:",
  "a:b1:1:2:",
  "--from-literal=a=b ",
  "cbc(aes) ",
  "createUser MD5 ",
  "-n a.password -v ",
  "path: /etc/a\n",
  "a_b ",
  "sk-a-",
  "--value=",
  "net ads -U ",
  'expect "assword',
  "expect 'token' send ",
  "<password value=",
  "<password value = ",
  "<password> <value>",
  "restic -p ",
  "&key=",
];

/** Long texts on which a pattern of the redaction that backtracks takes much time; `npm run bench:growth` measures it. */
export function longTexts(length: number): readonly string[] {
  const blanks = " ".repeat(length);
  return [
    ...parts.map((part) => part.repeat(Math.ceil(length / part.length))),
    `password: ${blanks}x`,
    `password: x${blanks}y,`,
    `passwords:\n  - a${blanks}b`,
    `a${blanks}::b`,
    `name: a${blanks}x`,
    `path: /etc/a${"\t".repeat(length)}x`,
    `${blanks}no password`,
    `+${blanks}password`,
    `--value ${"=".repeat(length)}x`,
    `password: [secret]${blanks}x`,
    `<password>${blanks}`,
    `password: "a${"\n".repeat(length)}`,
  ];
}
