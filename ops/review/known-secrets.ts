import fs from "node:fs";
import { secretsOf } from "../../model/redaction/text";
import { openStackFile } from "../stack/read-stack-file";
import { stackFileOf } from "../stack/stack-files";

/** Values that no output may hold: of the environment, and what a stack file holds where a secret belongs. */
export function knownSecrets(
  directory: string,
  env: NodeJS.ProcessEnv,
  stack: string | undefined,
): readonly string[] {
  const inFile =
    stack === undefined || !fs.existsSync(stackFileOf(directory, stack)) ? [] : inStackFile(directory, stack);
  return [...secretsOf(env), ...inFile];
}

function inStackFile(directory: string, stack: string): readonly string[] {
  const file = openStackFile(directory, stack);
  return file.hidden.map(({ file: name, line, column, length }) =>
    (file.lines(name)[line - 1] ?? "").slice(column - 1, column - 1 + length).replace(/^(["'])(.*)\1$/, "$2"),
  );
}
