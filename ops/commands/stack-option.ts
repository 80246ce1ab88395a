import { Option } from "commander";
import { StackNotChosen, chooseStack } from "../stack/stack-files";
import { Refusal, type Terminal, exitCodes } from "./terminal";

/** `--stack <name>`, the same for every command about one stack. */
export function stackOption(): Option {
  return new Option(
    "--stack <name>",
    "the stack, Pulumi.<name>.yaml; $PULUMI_STACK, or the only one, when left out",
  );
}

/** The stack that a command is about. Throws a {@link Refusal} that names the stacks there are. */
export function chosenStack(terminal: Terminal, asked: string | undefined): string {
  try {
    return chooseStack(terminal.directory, asked, terminal.env);
  } catch (error) {
    if (!(error instanceof StackNotChosen)) throw error;
    throw new Refusal(
      error.message,
      error.reason === "ask" ? exitCodes.wouldHaveAsked : exitCodes.couldNotTell,
    );
  }
}
