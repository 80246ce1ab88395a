import { shown } from "../model/redaction/shown";
import { systemErrorText } from "./commands/failure";
import { runMetal } from "./commands/run";
import { exitCodes } from "./commands/terminal";
import { defectText, reportDefects } from "./defect";

/** `npm run metal -- <command>`: the operator's command line. */
const interactive = process.stdout.isTTY;
const directory = process.cwd();

// An answer that could not be written whole is no answer, whatever the command has found.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has ended, such as `head`, has all that it needs.
  if (error.code !== "EPIPE")
    process.stderr.write(
      `error: standard output: ${systemErrorText(error, directory) ?? shown(error.message)}\n`,
    );
  process.exit(exitCodes.couldNotTell);
});
process.stderr.on("error", () => process.exit(exitCodes.couldNotTell));

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
    process.exitCode = exitCodes.couldNotTell;
  },
);
