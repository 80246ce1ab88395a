import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { checks } from "../../model/checks";
import { withoutSecrets } from "../../model/redaction/text";
import { formRules } from "../../model/stack/form-rules";
import { documents } from "../../ops/docs/check-pages";
import { allPages } from "../../ops/docs/pages";
import { exampleText, metal, projectWith } from "./command-line";

const root = path.join(__dirname, "../..");
const directory = projectWith({ "Pulumi.a.yaml": exampleText });

describe("explain", () => {
  it("lists every id of every registry", async () => {
    const { out, code } = await metal(directory, ["explain"]);
    const listed = out.split("\n").map((line) => line.split(" ")[0]);
    for (const { id } of [...checks, ...formRules]) assert.ok(listed.includes(id), id);
    assert.ok(listed.length > 60);
    assert.strictEqual(code, 0);
  });

  it("prints the summary, why it matters and an example", async () => {
    const { out } = await metal(directory, ["explain", "net/cidrs-disjoint"]);
    assert.match(
      out,
      /^net\/cidrs-disjoint: Node, pod, service and load balancer networks do not overlap\.\n/,
    );
    assert.match(out, /why it matters an address that belongs to two networks/);
    assert.match(out, /network\.services: \[ 10\.244\.128\.0\/20 \]\n +10\.244\.128\.0\/20 overlaps/);
  });

  it("prints data for programs", async () => {
    const { out } = await metal(directory, ["explain", "etcd/member-count-odd", "--json"]);
    assert.strictEqual((JSON.parse(out) as { id: string }[])[0]?.id, "etcd/member-count-odd");
  });

  it("ends with 2 for an unknown id and names the nearest", async () => {
    assert.deepStrictEqual(await metal(directory, ["explain", "net/cidr-disjont"]), {
      code: 2,
      out: "",
      err: 'error: there is no id "net/cidr-disjont"; did you mean "net/cidrs-disjoint"?\n',
    });
  });
});

describe("docs/checks/", () => {
  it("is what npm run docs writes, and nothing else", () => {
    const files = Object.keys(documents).filter((file) => file.startsWith("docs/checks/"));
    assert.deepStrictEqual(
      fs.readdirSync(path.join(root, "docs/checks")).sort(),
      files.map((file) => path.basename(file)).sort(),
    );
    for (const file of files) {
      assert.strictEqual(fs.readFileSync(path.join(root, file), "utf8"), documents[file]?.(), file);
    }
  });

  it("has a section for every id", () => {
    for (const { id } of allPages()) {
      const text = documents[`docs/checks/${id.split("/")[0] ?? ""}.md`]?.();
      assert.ok(text?.includes(`\n## ${id}\n`), id);
    }
  });

  it("is written from ids that are unique within their kind and say why", () => {
    const seen = new Set<string>();
    for (const { id, kind, why } of allPages()) {
      assert.ok(!seen.has(`${kind} ${id}`), id);
      assert.match(id, /^[a-z][a-z0-9-]*\/[a-z0-9-]+$/);
      assert.ok(why.length > 20, id);
      seen.add(`${kind} ${id}`);
    }
  });

  it("has no word that a report would take for a secret", () => {
    for (const { id, summary = "", why, fix = "" } of allPages())
      for (const text of [summary, why, fix]) assert.strictEqual(withoutSecrets(text), text, id);
  });

  it("knows every id that reading a file or accepting a finding can give", () => {
    const folders = ["model/stack", "model/stack/source", "model/checks/accept.ts"];
    const files = folders.flatMap((place) => {
      const full = path.join(root, place);
      return fs.statSync(full).isFile() ? [full] : fs.readdirSync(full).map((file) => path.join(full, file));
    });
    const given = files
      .filter((file) => file.endsWith(".ts") && !file.endsWith("form-rules.ts"))
      .flatMap((file) => [
        ...fs.readFileSync(file, "utf8").matchAll(/"((?:file|config|secrets|accept)\/[a-z0-9-]+)"/g),
      ])
      .map(([, id]) => id);
    assert.deepStrictEqual([...new Set(given)].sort(), formRules.map(({ id }) => id).sort());
  });
});
