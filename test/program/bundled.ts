import path from "node:path";

const bundle = path.join(__dirname, "../../startup/bundle.cjs");

/**
 * Arguments of Node that run a program as one bundle, as `npm run metal` does. It starts in a quarter of the time that tsx takes to
 * transpile it file by file; that a program starts as Pulumi's Command starts it needs one test of that.
 */
export function bundled(program: string): readonly string[] {
  return ["-e", `require(${JSON.stringify(bundle)}).run(${JSON.stringify(program)})`];
}
