import type { Report } from "../../model/findings/report";
import { stackReport } from "../../model/checks/stack-report";
import { type StackFileReading, readStackFile } from "./read-stack-file";

/** A stack file, with a report of everything that its form and all checks have to say about it. */
export type JudgedStackFile = StackFileReading & Report;

/** Reads a stack file and runs all checks on what of it is partial. */
export function judgeStackFile(directory: string, name: string, now: Date): JudgedStackFile {
  const reading = readStackFile(directory, name);
  return { ...reading, ...stackReport(name, reading.stack ?? reading.partial, reading.findings, now) };
}
