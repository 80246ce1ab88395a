import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { exampleText, metal, projectWith } from "../ops/command-line";

describe("npm run metal -- scrub", () => {
  it("takes secrets out of files in place and says how many of which kind", async () => {
    const directory = projectWith({
      "Pulumi.a.yaml": exampleText.replace(/password:\n +secure: \S+/, "password: PLANTED-in-the-file"),
      "preview.txt": "PLANTED-in-the-file\nPLANTED-token\npassword: PLANTED\n",
      "clean.txt": "nothing\n",
    });
    const env = { SOME_TOKEN: "PLANTED-token" };
    assert.deepEqual(await metal(directory, ["scrub", "--stack", "a", "preview.txt", "clean.txt"], env), {
      code: 0,
      out: "preview.txt: 2 x known value, 1 x value of a secret key\nclean.txt: nothing to redact\n",
      err: "",
    });
    const read = (file: string) => fs.readFileSync(path.join(directory, file), "utf8");
    assert.equal(read("preview.txt"), "[secret]\n[secret]\npassword: [secret]\n");
    assert.equal(read("clean.txt"), "nothing\n");
  });

  it("ends with 2 for a file that is not there", async () => {
    const { code, err } = await metal(projectWith({}), ["scrub", "none.txt"]);
    assert.deepEqual([code, err], [2, "error: none.txt cannot be read: ENOENT\n"]);
  });
});
