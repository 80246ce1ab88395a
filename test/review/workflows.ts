import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";

export const workflowFolder = path.join(__dirname, "../../.github/workflows");

/** A step as the tests look at it. */
export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly if?: string;
  readonly uses?: string;
  readonly "runs-on"?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly file: string;
  readonly text: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** Every workflow of this project. */
export function workflows(): readonly Workflow[] {
  return fs.readdirSync(workflowFolder).map((file) => {
    const text = fs.readFileSync(path.join(workflowFolder, file), "utf8");
    return { ...(parse(text) as Omit<Workflow, "file" | "text">), file, text };
  });
}

/** All steps of a workflow, with the name of their job. */
export function stepsOf({ jobs }: Workflow): readonly (Step & { readonly job: string })[] {
  return Object.entries(jobs).flatMap(([job, { steps = [] }]) => steps.map((step) => ({ ...step, job })));
}

/** The scripts of each job of an example for GitLab, by the job's name; GitLab runs `before` and `script` in one shell. */
export function gitlabJobs(
  file: string,
): Readonly<Record<string, { readonly before: string; readonly script: string }>> {
  const place = path.join(__dirname, "../../docs/examples", file);
  const jobs = parse(fs.readFileSync(place, "utf8")) as Readonly<Record<string, unknown>>;
  const text = (job: unknown, key: string) => {
    const lines = (job as Readonly<Record<string, unknown>> | null)?.[key];
    return Array.isArray(lines) ? lines.map(String).join("\n") : "";
  };
  return Object.fromEntries(
    Object.entries(jobs).map(([name, job]) => [
      name,
      { before: text(job, "before_script"), script: text(job, "script") },
    ]),
  );
}
