import { judgeStack } from "../../model/checks/accept";
import { planCluster } from "../../model/plan/plan-cluster";
import { readStackFile } from "../stack/read-stack-file";

/**
 * Prints what the code around this file plans for a stack, and finds wrong with it: `print-plan.ts DIRECTORY STACK DAY`. It
 * runs inside the base's own code, so it uses little of it.
 */
const [directory = ".", name = "", today = ""] = process.argv.slice(2);
const { stack, findings } = readStackFile(directory, name);
const result = stack === undefined ? { findings: [], accepted: [] } : judgeStack(stack, today);
process.stdout.write(
  JSON.stringify({
    ...(stack === undefined ? {} : { plan: planCluster(stack) }),
    findings: [...findings, ...result.findings],
    accepted: result.accepted,
  }),
);
