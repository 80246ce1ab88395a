import { judgeStack } from "../../model/accept";
import { checks } from "../../model/checks";
import { formRules } from "../../model/config/form-rules";
import type { Report } from "../../model/report/report";
import { type StackFileReading, readStackFile } from "./read-stack-file";

/** A stack file, with a report of everything that its form and all checks have to say about it. */
export type JudgedStackFile = StackFileReading & Report;

/** Reads a stack file and runs all checks on what of it is legible; acceptances end by the day in UTC, everywhere the same. */
export function judgeStackFile(directory: string, name: string, now: Date): JudgedStackFile {
  const reading = readStackFile(directory, name);
  const readable = reading.stack ?? reading.legible;
  const judgement = readable === undefined ? undefined : judgeStack(readable, now.toISOString().slice(0, 10));
  return {
    ...reading,
    ...judgement,
    findings: [...reading.findings, ...(judgement?.findings ?? [])],
    subject: name,
    why: (id) => [...formRules, ...checks].find((rule) => rule.id === id)?.why,
  };
}
