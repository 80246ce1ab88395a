import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { exampleText, metal } from "../ops/command-line";
import { pullRequest } from "../change/pull-requests";
import { githubReport, jsonReport, prettyReport, shortReport } from "../../model/findings/formats";
import { judgeStackFile, readStackFile } from "../../ops/stack/read-stack-file";

const secret = "Zq07kWv7";
const digits = "730491846271";

/** Every form in which YAML writes a value, with a secret as the value or as a part of its spelling. */
const forms: Readonly<Record<string, string>> = {
  plain: secret,
  "in quotes": `"${secret}"`,
  "an alias without an anchor": `*${secret}`,
  "an anchor": `&${secret} word`,
  "an anchor alone": `&${secret}`,
  "an alias of an anchor before": "*before",
  "a local tag": `!${secret} word`,
  "a tag of YAML": `!!${secret} word`,
  "a verbatim tag": `!<${secret}> word`,
  "a tag and an anchor": `!!str &${secret} word`,
  "a list": `[${secret}]`,
  "a map": `{ word: ${secret} }`,
  "a key": `{ ${secret}: word }`,
  "a key alone": `{ ${secret} }`,
  "a complex key": `{ ? [${secret}] : word }`,
  "a nested complex key": `[{ ? { word: ${secret} } : word }]`,
  "a number": digits,
  "a number with a leading zero": `0${digits}`,
  "a number with an exponent": `${digits}e3`,
  "an octal number": `0o${digits.replace(/[89]/g, "7")}`,
  "a negative number": `-${digits}`,
  "in a comment": ` # ${secret}`,
  "before a comment": `word # ${secret}`,
  "an unclosed quote": `"${secret}`,
  "an unclosed list": `[${secret}`,
  "an unknown directive": `%${secret}`,
  "a reserved character": `@${secret}`,
  "an escape that is none": `"\\z${secret}"`,
};
/** Block scalars need lines of their own. */
const blocks: Readonly<Record<string, string>> = {
  "a literal block": `|\nINDENT${secret}`,
  "a folded block": `>-\nINDENT${secret}\nINDENT${secret}`,
  "a block with a head that is none": `|${secret}\nINDENTword`,
  "a text of two lines": `${secret}\nINDENT${secret}`,
  "a map in lines": `\nINDENTword: ${secret}`,
  "a list in lines": `\nINDENT- ${secret}`,
  "an explicit key": `\nINDENT? ${secret}\nINDENT: word`,
};

/** Places of secrets: what comes before the value, and the indentation of further lines. */
const places: Readonly<Record<string, readonly [text: string, indentation: number]>> = {
  "bmc.password": ["  metal:bmc:\n    username: metal\n    password: VALUE", 6],
  "a host's bmc.password": ["", 10],
  "in the place of bmc": ["  metal:bmc: VALUE", 6],
  "in the list of a bmc": ["  metal:bmc:\n    - username: metal\n    - VALUE", 6],
  "bmc.existingSecret": ["  metal:bmc:\n    existingSecret: VALUE not a name", 6],
  "a misspelt bmc": ["  metal:bcm:\n    password: VALUE", 6],
  "the content of a secret file": [
    "  metal:machines:\n    files:\n      - path: /etc/token\n        content: VALUE",
    10,
  ],
  "an entry of an environment": [
    "  metal:cilium:\n    version: 1.19.5\n    values:\n      extraEnv:\n        - name: API_TOKEN\n          value: VALUE",
    12,
  ],
};

const bmc = /^ {2}metal:bmc:\n(?: {4}.*\n)+/m;
const cilium = /^ {2}metal:cilium:\n(?: {4}.*\n)+/m;
const unrelated = "  metal:unknown: &before Zq07kWv7-of-the-anchor\n";

function fileWith(place: string, value: string): string {
  const [lines = "", indentation = 0] = places[place] ?? [];
  const written = value.replaceAll("INDENT", " ".repeat(indentation));
  if (place === "a host's bmc.password")
    return exampleText.replace(
      /^ {6}bmc: .*$/m,
      `      bmc:\n        address: redfish://192.0.2.1/1\n        password: ${written}`,
    );
  const replaced = lines.startsWith("  metal:cilium") ? cilium : bmc;
  const isReplaced = /^ {2}metal:(bmc|cilium)/.test(lines);
  const text = isReplaced ? exampleText.replace(replaced, "") : exampleText;
  const anchor = value === "*before" ? unrelated : "";
  return text.replace("config:\n", () => `config:\n${anchor}${lines.replace("VALUE", () => written)}\n`);
}

const file = "Pulumi.capi-1.yaml";
const leak = new RegExp(`${secret.slice(0, 6)}|${digits.slice(0, 6)}`);
const leakIn = (text: string) => text.split("\n").find((each) => leak.test(each));

/** All that shows what is wrong with a stack file. */
const commands = [
  ["check", "--stack", "capi-1", "--format", "pretty"],
  ["check", "--stack", "capi-1", "--format", "github"],
  ["diff", "--stack", "capi-1", "--base", "HEAD"],
  ["diff", "--stack", "capi-1", "--base", "HEAD", "--format", "markdown"],
  ["diff", "--stack", "capi-1", "--base", "HEAD", "--json"],
  ["router", "--stack", "capi-1"],
  ["rbac", "--stack", "capi-1"],
  ["status", "--stack", "capi-1"],
  ["render", "--stack", "capi-1"],
  ["fleet"],
];

describe("a secret in a stack file", function () {
  this.timeout(60_000);
  let directory: string;
  before(() => (directory = pullRequest({ [file]: exampleText }, {})));
  after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const write = (place: string, value: string) =>
    fs.writeFileSync(path.join(directory, file), fileWith(place, value));

  for (const [form, value] of Object.entries({ ...forms, ...blocks })) {
    it(`is in no report as ${form}, at any place`, () => {
      const found = Object.keys(places).flatMap((place) => {
        write(place, value);
        // The form is what quotes; the checks see values of one place only, and take most of the time.
        const judged =
          place === "bmc.password"
            ? judgeStackFile(directory, "capi-1", new Date("2026-11-25"))
            : { ...readStackFile(directory, "capi-1"), subject: "capi-1" };
        assert.ok(judged.findings.length > 0 || place !== "bmc.password", "nothing is reported");
        return [prettyReport, shortReport, jsonReport, githubReport].flatMap((format) => {
          const line = leakIn(format(judged));
          return line === undefined ? [] : [`${place}, ${format.name}: ${line}`];
        });
      });
      assert.deepEqual(found, []);
    });
  }

  for (const form of ["an alias without an anchor", "an anchor", "a key", "a number"]) {
    it(`is in the output of no command as ${form}`, async () => {
      write("bmc.password", forms[form] ?? "");
      for (const command of commands) {
        const { out, err } = await metal(directory, command, { KUBECONFIG: "/nonexistent" });
        assert.equal(leakIn(`${out}\n${err}`), undefined, command.join(" "));
      }
    });
  }
});
