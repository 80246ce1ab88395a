import { type Terminal, terminalOf } from "../../ops/commands/terminal";

/** Everything that a piece of a command prints, on both streams; what is no defect but an error is part of it. */
export async function printed(
  act: (terminal: Terminal) => unknown,
  options: {
    readonly interactive?: boolean;
    readonly directory?: string;
    readonly env?: NodeJS.ProcessEnv;
  } = {},
): Promise<string> {
  let text = "";
  const { interactive = false, directory = ".", env = {} } = options;
  const take = (more: string) => (text += more.endsWith("\n") ? more : `${more}\n`);
  await act(
    terminalOf(
      {
        out: take,
        err: take,
        interactive,
        colours: interactive,
        directory,
        env,
        now: () => new Date("2026-11-26T10:00:00Z"),
      },
      () => undefined,
    ),
  );
  return text;
}
