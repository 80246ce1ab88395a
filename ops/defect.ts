import { shown } from "../model/redaction/shown";

/** The last words of a program with a defect: where it was, and a message that may quote anything. */
export function defectText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `error: this is a defect of metal, please report it: ${shown(text)}\n`;
}

/**
 * Reports what fails anywhere in this process, also behind a timer or a stream, and ends with 2. Node would print such an error
 * as it is.
 */
export function reportDefects(): void {
  process.on("uncaughtException", (error) => {
    process.stderr.write(defectText(error));
    process.exit(2);
  });
}
