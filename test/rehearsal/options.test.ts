import assert from "node:assert/strict";
import { readOptions } from "../../lab/rehearsal/options";

/** What is printed to standard error for options that are refused, which end the process with code 2. */
function refusal(...options: readonly string[]): string {
  const { exit, stderr } = process;
  const { write } = stderr;
  let printed = "";
  process.exit = (code) => {
    throw new Error(`exit ${code}`);
  };
  stderr.write = (text: unknown) => {
    printed += String(text);
    return true;
  };
  try {
    assert.throws(() => readOptions(["node", "rehearse", ...options]), /^Error: exit 2$/);
  } finally {
    process.exit = exit;
    stderr.write = write;
  }
  return printed;
}

describe("options of a rehearsal", () => {
  for (const [options, words] of [
    [["--fault", "maglev-table"], /maglev-table needs Cilium's own programs; add --cilium real/],
    [
      ["--cilium", "real", "--fault", "direct-routes"],
      /direct-routes needs nodes in several networks; add --stack racks/,
    ],
    [["--upgrade-from", "1.18.4"], /--upgrade-from sends traffic through real agents; add --cilium real/],
    [["--beside", "capi-1"], /--beside and --stack name the same stack/],
    [["--fast", "--realistic"], /--fast and --realistic exclude each other/],
  ] as const) {
    it(`refuse ${options.join(" ")}`, () => assert.match(refusal(...options), words));
  }
});
