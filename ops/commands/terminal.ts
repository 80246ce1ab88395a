/** What an exit code says, the same for every command. */
export const exitCodes = {
  /** All that was asked holds. */
  holds: 0,
  /** Something was found that must be mended. */
  findings: 1,
  /** The command could not run, or could not tell. */
  couldNotTell: 2,
  /** Only a person could have decided, and none was asked. */
  wouldHaveAsked: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The world as a command may touch it; tests hand in their own. */
export interface Terminal {
  /** The answer; what a machine may read. */
  out(text: string): void;
  /** Everything else: progress, errors, hints. */
  err(text: string): void;
  /** Whether the answer goes to a person's terminal. */
  readonly interactive: boolean;
  /** Whether colours may be used in the answer. */
  readonly colours: boolean;
  /** The project's directory. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  now(): Date;
  /** The code with which the program will end. */
  end(code: ExitCode): void;
}

/** Ends a command with a message for standard error instead of an answer. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly code: ExitCode = exitCodes.couldNotTell,
  ) {
    super(message);
  }
}
