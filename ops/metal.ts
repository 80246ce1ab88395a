import { runMetal } from "./commands/run";

/** `npm run metal -- <command>`: the operator's command line. */
const interactive = process.stdout.isTTY;
void runMetal(process.argv.slice(2), {
  out: (text) => process.stdout.write(text.endsWith("\n") ? text : `${text}\n`),
  err: (text) => process.stderr.write(text),
  interactive,
  colours: interactive && (process.env["NO_COLOR"] ?? "") === "",
  directory: process.cwd(),
  env: process.env,
  now: () => new Date(),
}).then((code) => {
  process.exitCode = code;
});
