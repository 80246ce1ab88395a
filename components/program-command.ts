import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/** One of our own programs, run as a resource. */
export interface ProgramCommand {
  /** Relative to the project's folder, where Commands run, so that the same stack looks the same from every machine. */
  readonly program: string;
  /** What it reads on standard input, as JSON; a change runs it again. */
  readonly order: unknown;
  /** Anything else whose change runs it again. */
  readonly environment?: Readonly<Record<string, string>>;
  /** After so long it ends by itself. */
  readonly timeoutSeconds: number;
  /** Whether it is told in PULUMI_COMMAND_STDOUT what its last run printed. */
  readonly remembers?: true;
}

/** Pulumi kills only the process it started; our programs end themselves half a minute earlier. */
const marginSeconds = 30;

/** Runs a program of ops as a resource: it streams to the engine's output, and resumes on the next `up`. */
export function programCommand(
  name: string,
  { program, order, environment = {}, timeoutSeconds, remembers }: ProgramCommand,
  options: pulumi.CustomResourceOptions,
): command.local.Command {
  const timeout = `${timeoutSeconds + marginSeconds}s`;
  return new command.local.Command(
    name,
    {
      create: `exec node --import tsx ${program}`,
      stdin: JSON.stringify(order),
      environment: { ...environment },
      // No start-up files: bash reads them when its stdin is a socket, and they are none of ours.
      interpreter: ["/bin/bash", "--norc", "-euo", "pipefail", "-c"],
      addPreviousOutputInEnv: remembers === true,
      logging: command.local.Logging.Stderr,
    },
    // A run that was cut off is resumed as an update, which has a timeout of its own.
    { ...options, customTimeouts: { create: timeout, update: timeout } },
  );
}
