/** Sections at the end of the engine's output; their titles stand at the beginning of a line. */
const sections = ["Diagnostics:", "Outputs:", "Resources:", "Duration:"];

/** The row in which the engine shows what a Command prints: resource, operation, elapsed time, text. */
const commandOutput = /^ *\S* +command:local:Command \S+ \w+ \([^)]*\) (.+)$/;

/**
 * Reduces the engine's output to what a person follows: the text that Commands print, warnings and errors, and the counts of
 * changed resources. The line for each step of each resource and the outputs stay in the engine's log.
 */
export function engineStory(show: (line: string) => void): (line: string) => void {
  let section: string | undefined;
  let shown = new Set<string>();
  return (line) => {
    if (/^(Previewing|Updating|Destroying|Refreshing) /.test(line) || line.startsWith("$ ")) {
      section = undefined;
      shown = new Set();
    }
    const title = sections.find((each) => line.startsWith(each));
    const output = section === undefined ? commandOutput.exec(line)?.[1] : undefined;
    const text = (output ?? line).trim();
    if (title !== undefined) section = title;
    else if (section === "Resources:" && text !== "") show(line);
    // Diagnostics repeat what a Command has printed.
    else if ((output !== undefined || section === "Diagnostics:") && text !== "" && !shown.has(text)) {
      shown.add(text);
      show(line);
    }
  };
}
