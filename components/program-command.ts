import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { contentHash } from "../model/kubernetes/content";

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
  /** Whether it receives the output of its last run in PULUMI_COMMAND_STDOUT. */
  readonly remembers?: true;
}

/** Pulumi kills only the process it started; our programs end themselves half a minute earlier. */
const marginSeconds = 30;

/** No start-up files: bash reads them when its stdin is a socket. */
export const interpreter = ["/bin/bash", "--norc", "-euo", "pipefail", "-c"];

/** Runs a program of ops as a resource: it streams to the engine's output, and resumes on the next `up`. */
export function programCommand(
  name: string,
  { program, order, environment = {}, timeoutSeconds, remembers }: ProgramCommand,
  options: pulumi.CustomResourceOptions,
): command.local.Command {
  const timeout = `${timeoutSeconds + marginSeconds}s`;
  const request = requestOf(name, { program, order, environment }, options.parent);
  return new command.local.Command(
    name,
    {
      create: `exec node --import tsx ${program}`,
      stdin: JSON.stringify(order),
      environment: { ...environment, METAL_REQUEST: request.stdout },
      interpreter,
      addPreviousOutputInEnv: remembers === true,
      logging: command.local.Logging.Stderr,
    },
    // A run that was cut off is resumed as an update, which has a timeout of its own.
    { ...options, customTimeouts: { create: timeout, update: timeout } },
  );
}

/**
 * An identifier of each distinct request to a program, independent of its outcome. A run that fails leaves the
 * last good order in the state: without this, taking the change back would look like no change, and the program
 * would not run (docs/decisions/0015-requests.md).
 */
function requestOf(
  name: string,
  request: Pick<ProgramCommand, "program" | "order" | "environment">,
  parent: pulumi.Resource | undefined,
): command.local.Command {
  return new command.local.Command(
    `${name}-request`,
    {
      create: 'printf %s "${PULUMI_COMMAND_STDOUT-}$METAL_ORDER" | sha256sum | cut -c 1-16',
      environment: { METAL_ORDER: contentHash(request) },
      interpreter,
      addPreviousOutputInEnv: true,
      logging: command.local.Logging.None,
    },
    parent === undefined ? {} : { parent },
  );
}
