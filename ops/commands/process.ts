import { shown } from "../../model/redaction/shown";
import { runMetal, systemErrorText } from "./run";
import { exitCodes } from "../exit-codes";
import { defectText, reportDefects } from "../exit-codes";

/** `npm run metal -- <command>`: the operator's command line as a process, with its streams and its exit code (startup/metal.cjs). */
const interactive = process.stdout.isTTY;
const directory = process.cwd();

// Incomplete output is a failure, regardless of the command's result.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has exited, such as `head`, needs no error.
  if (error.code !== "EPIPE")
    process.stderr.write(
      `error: standard output: ${systemErrorText(error, directory) ?? shown(error.message)}\n`,
    );
  process.exit(exitCodes.undecided);
});
process.stderr.on("error", () => process.exit(exitCodes.undecided));

reportDefects();

runMetal(process.argv.slice(2), {
  out: (text) => process.stdout.write(text.endsWith("\n") ? text : `${text}\n`),
  err: (text) => process.stderr.write(text),
  interactive,
  colours: interactive && (process.env["NO_COLOR"] ?? "") === "",
  directory,
  env: process.env,
  now: () => new Date(),
}).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(defectText(error));
    process.exitCode = exitCodes.undecided;
  },
);
