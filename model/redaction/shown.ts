import { withoutSecrets } from "./text";

/** A text from elsewhere as a terminal or a log shows it: without secrets, and with nothing in it that would act. */
export function shown(text: string): string {
  return visible(withoutSecrets(text));
}

/**
 * Control characters, changes of the writing direction and commands of CI systems as visible text (`\u001b`, as JSON and YAML
 * write them); line breaks and tabs stay. What a message, a value or an argument holds can move no cursor, set no colour and
 * give a runner no command.
 */
export function visible(text: string): string {
  return (
    text
      .replace(/\r\n/g, "\n")
      .replace(acting, (character) =>
        [...Array(character.length).keys()].map((at) => escape(character, at)).join(""),
      )
      // GitHub looks for `::command::` at the beginning of a line, behind white space of any kind, and for `##[command]`
      // anywhere (actions/runner src/Runner.Common/ActionCommand.cs); Azure Pipelines and TeamCity for `##vso[` and
      // `##teamcity[`; GitLab for `section_start:1:name` (gitlab-org/gitlab lib/gitlab/ci/ansi2json/parser.rb).
      .replace(/^([^\S\n]*):(?=:[A-Za-z][^\n]*?::)/gm, "$1\\u003a")
      .replace(/#(?=#(?:vso|teamcity)?\[)/gi, "\\u0023")
      .replace(/(?<=section_(?:start|end)):(?=\d+:)/g, "\\u003a")
  );
}

/** A text from elsewhere on one line: its line breaks become visible, so that it cannot pretend to be a line of ours. */
export function shownOnOneLine(text: string): string {
  return visible(withoutSecrets(text).trimEnd().replace(lineEnd, " ⏎ "));
}

/** The beginning of a text from elsewhere. Secrets go before the end does: half of one would not be recognized. */
export function beginningOf(text: string, length: number): string {
  return withoutSecrets(text).slice(0, length);
}

/** An argument of a command line with everything that is no text in it visible; no name and no path needs a line break. */
export function visibleArgument(argument: string): string {
  return visible(argument).replaceAll("\n", "\\u000a").replaceAll("\t", "\\u0009");
}

/**
 * Controls except tab and line feed, separators of lines, and what shows nothing: characters of format (marks of direction, of
 * no width, tags), fillers, halves of characters.
 */
const acting =
  /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5|[\u180b-\u180f]/gu;

/** What ends a line for one reader or another, with the white space around it. */
const lineEnd = /(?<!\s)[^\S\n\r\u2028\u2029]*(?:\r\n|[\n\v\f\r\u0085\u2028\u2029])[\s\u0085]*/g;

function escape(character: string, at: number): string {
  return `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
}

/**
 * Words from elsewhere made fit for a log: one line, printable ASCII, without anything that looks like a password.
 * Errors of BMCs and controllers may quote addresses with a login, or headers.
 */
export function plainText(words: string): string {
  return visible(withoutSecrets(words).replace(/\s+/g, " "))
    .replace(/[^\x20-\x7e]/g, "?")
    .trim();
}

/** At most `width` characters, the end marked when something was left out. */
export function clipped(words: string, width: number): string {
  return words.length <= width ? words : `${words.slice(0, Math.max(0, width - 3))}...`;
}

/** Words broken into lines of at most `width` characters, at blanks where there are any. */
export function wrapped(words: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}
