import { type StackJudgement, judgeStack } from "../../model/accept";
import { type StackFileReading, readStackFile } from "./read-stack-file";

/** A stack file, with everything that its form and all checks have to say about it. */
export type JudgedStackFile = StackFileReading & Partial<StackJudgement>;

/** Reads a stack file and runs all checks on what of it is legible; acceptances end by the day in UTC, everywhere the same. */
export function judgeStackFile(directory: string, name: string, now: Date): JudgedStackFile {
  const reading = readStackFile(directory, name);
  const readable = reading.stack ?? reading.legible;
  if (readable === undefined) return reading;
  const judgement = judgeStack(readable, now.toISOString().slice(0, 10));
  return { ...reading, ...judgement, findings: [...reading.findings, ...judgement.findings] };
}
