import assert from "node:assert/strict";
import { exampleText, metal, projectWith } from "./command-line";

/** The time of a run, the least of some: other processes only ever add to it. */
async function milliseconds(text: string, tries = 2): Promise<number> {
  const directory = projectWith({ "Pulumi.a.yaml": text });
  let least = Infinity;
  for (let i = 0; i < tries; i++) {
    const started = performance.now();
    const { code } = await metal(directory, ["check", "--format", "pretty"]);
    least = Math.min(least, performance.now() - started);
    assert.equal(code, 2);
  }
  return least;
}

/** capi-1 with so many more hosts, each with a name that is refused. */
function withBadHosts(count: number): string {
  const host = (i: number) =>
    `    - { name: BAD_${i}, pool: workers, mac: "52:54:00:${[i >> 16, i >> 8, i].map((n) => (n & 255).toString(16).padStart(2, "0")).join(":")}", ` +
    `bmc: { address: "redfish-virtualmedia://10.${i >> 8}.${i & 255}.1/redfish/v1/Systems/1" } }\n`;
  return exampleText.replace(
    "\n  metal:controlPlane:",
    `${Array.from({ length: count }, (_, i) => host(i)).join("")}\n  metal:controlPlane:`,
  );
}

describe("check of a large file", function () {
  this.timeout(60_000);
  const longer = 8;
  it("takes time in proportion to the hosts with a mistake", async () => {
    await milliseconds(withBadHosts(50));
    const few = await milliseconds(withBadHosts(100));
    const many = await milliseconds(withBadHosts(100 * longer), 1);
    assert.ok(many < 2 * longer * few + 200, `100: ${few} ms, ${100 * longer}: ${many} ms`);
  });

  it("takes time in proportion to the unknown keys", async () => {
    const withKeys = (count: number) =>
      exampleText + Array.from({ length: count }, (_, i) => `  metal:key${i}: 1\n`).join("");
    const few = await milliseconds(withKeys(5000));
    const many = await milliseconds(withKeys(5000 * longer), 1);
    assert.ok(many < 2 * longer * few + 200, `5,000: ${few} ms, ${5000 * longer}: ${many} ms`);
  });
});
