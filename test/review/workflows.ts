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

export interface Job {
  readonly if?: string;
  readonly uses?: string;
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

/** The scripts of a GitLab file: `script`, `before_script` of every job. */
export function gitlabScripts(file: string): readonly string[] {
  const jobs = parse(fs.readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>;
  return Object.values(jobs).flatMap((job) =>
    ["before_script", "script"].flatMap((key) => {
      const lines = (job as Readonly<Record<string, unknown>> | null)?.[key];
      return Array.isArray(lines) ? [lines.map(String).join("\n")] : [];
    }),
  );
}
