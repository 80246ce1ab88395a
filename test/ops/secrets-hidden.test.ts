import assert from "node:assert";
import { exampleText, metal, projectWith } from "./command-line";

/** Every place in which people put a secret, right or wrong; each value begins with PLANTED. */
const planted = exampleText
  .replace(/password:\n +secure: \S+/, "password: PLANTED-plain")
  .replace(
    "username: metal\n",
    "username: metal\n    pasword: PLANTED-misspelt\n    apiToken: PLANTED-unknown\n",
  )
  .replace(
    "bmc: { address: redfish-virtualmedia://10.250.251.20/",
    "bmc: { password: PLANTED-inline, address: redfish-virtualmedia://admin:PLANTED-login@10.250.251.20/",
  )
  .replace("multihop: 10", "multihop: 10\n            password: [PLANTED-list]")
  .replace("url: http://10.250.250.2/", "url: http://user:PLANTED-url@10.250.250.2/");

/** The login that all BMCs share. */
const login = / {2}metal:bmc:\n {4}username: metal\n {4}password:\n +secure: \S+\n/;

const encrypted = exampleText
  .replace(/secure: \S+/, "secure: PLANTED-cipher")
  .replace("replicas: 3", "replicas: 2");

const files: Readonly<Record<string, string>> = {
  "secrets in plain text, misspelt and in the wrong form": planted,
  "a secret with mistakes around it": planted
    .replace("pasword: PLANTED-misspelt\n", "")
    .replace("apiToken: PLANTED-unknown\n", ""),
  "an encrypted secret": encrypted,
  "a secret where a map belongs": exampleText.replace(
    / {4}username: metal\n {4}password:\n +secure: \S+/,
    "    PLANTED-text",
  ),
  "a secret as a number": exampleText.replace(/password:\n +secure: \S+/, "password: 918273645"),
  "a secret in a file that is no YAML": planted.replace("PLANTED-plain", '"PLANTED-quote'),
  "a secret beside a key that stands twice": planted.replace(
    "    namespace:",
    "    context: a\n    namespace:",
  ),
  "a list where the login belongs": exampleText.replace(login, "  metal:bmc: [root, PLANTED-in-list]\n"),
  "keys beside a password that no schema knows": exampleText.replace(
    login,
    "  metal:bmc: { username: metal, pw: PLANTED, kennwort: PLANTED, md5: PLANTED, psk: PLANTED, word: PLANTED, a: [PLANTED] }\n",
  ),
  "keys of a host's login that no schema knows": exampleText.replace(
    "bmc: { address: redfish-virtualmedia://10.250.251.20/",
    "bmc: { login: root, word: PLANTED, more: { x: PLANTED }, address: redfish-virtualmedia://10.250.251.20/",
  ),
  "a login whose key is misspelt": exampleText.replace(
    login,
    "  metal:bcm: { username: metal, word: PLANTED }\n",
  ),
  "a peer's unknown key": exampleText.replace("multihop: 10", "multihop: many\n            word: PLANTED"),
  "an environment's entry on a line with a mistake": exampleText.replace(
    "config:\n",
    "config:\n  metal:env: [{ name: DB_PASSWORD, value: PLANTED }]\n",
  ),
  "a token in the comment of a line with a mistake": exampleText.replace(
    "gateway: 10.250.250.1\n",
    "gateway: nowhere # ghp_PLANTEDPLANTEDPLANTED1234, password=PLANTED\n",
  ),
  "a login in a value that is cut": exampleText.replace(
    "gateway: 10.250.250.1\n",
    `gateway: ${"x".repeat(60)},https://root:PLANTED-${"y".repeat(80)}@host/\n`,
  ),
  "a map as a key": exampleText.replace(
    "  metal:network:\n",
    "  metal:network:\n    ? { password: PLANTED }\n    : 1\n",
  ),
  "an anchor before a secret": exampleText
    .replace(/password:\n +secure: \S+/, "password: &it PLANTED-anchored")
    .replace("gateway: 10.250.250.1\n", "gateway: [*it]\n"),
  "a secret given twice": planted.replace(
    "password: PLANTED-plain",
    "password: PLANTED-plain\n    password: PLANTED-again",
  ),
};

describe("no output holds a secret", () => {
  for (const [what, text] of Object.entries(files)) {
    for (const format of ["pretty", "short", "json", "github"]) {
      it(`${what}, ${format}`, async () => {
        const { out, err, code } = await metal(projectWith({ "Pulumi.a.yaml": text }), [
          "check",
          "--format",
          format,
        ]);
        assert.ok(!/PLANTED|918273645/.test(out + err), out);
        assert.ok(code === 1 || code === 2);
      });
    }
  }

  it("explain and schema, beside such a file", async () => {
    const directory = projectWith({ "Pulumi.a.yaml": planted });
    for (const argv of [["explain"], ["explain", "secrets/encrypted"], ["schema"]]) {
      const { out, err, code } = await metal(directory, argv);
      assert.ok(!/PLANTED/.test(out + err));
      assert.strictEqual(code, 0);
    }
  });
});
