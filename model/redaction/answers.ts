import { type Count, hide } from "./forms";

// cspell:ignore assword assphrase oken asscode ecret sendline

/** How many lines of a script may be between `expect` and its prompts, and between a prompt and the answer. */
const [linesToPrompt, linesToAnswer] = [20, 3];

/** What a prompt for a secret has in quotes; scripts leave out the first letter, which may be large or small. */
const prompt =
  "[\"'{*][^\"'\\n{}]{0,60}?(?:(?:\\b[pP]?|\\B)ass(?:word|phrase|code)|\\b[sS]?ecret|\\b[tT]?oken|\\bPIN\\b|verification code)[^\"'\\n{}]{0,40}[\"'}]";
const send =
  "\\b(?:exp_)?send(?:line)?(?:[ \\t]{1,9}-[-\\w]{1,20}){0,4}(?:[ \\t]{1,9}|[ \\t]{0,9}\\([ \\t]{0,9})";
/** A text in quotes, also in those that are escaped, or in braces, or a word with the end of a line. */
const answer =
  '\\\\+"[^"\\n]{1,400}"|"(?:[^"\\\\\\n]|\\\\.){1,400}"|\'[^\'\\n]{1,400}\'|\\{[^{}\\n]{1,400}\\}|[^\\s"\'{};]{1,400}\\\\[rn]';
const tokens = new RegExp(`(\\n)|(\\bexpect\\b)|(${prompt})|(${send})(${answer})`, "g");

/** A variable, whose value is elsewhere. */
const variable = /^\\*["'{]?\$\{?\w+\}?(?:\\+[rn])*\\*["'}]?$/;

/** A script of `expect` without what it sends at prompts for a secret: `expect "assword:"; send "x\r"`. */
export function withoutAnswers(text: string, count: Count): string {
  if (!/\bexpect\b/.test(text) || !text.includes("send")) return text;
  let [expecting, asked] = [0, 0];
  return text.replace(
    tokens,
    (whole, line?: string, expect?: string, asks?: string, head?: string, held?: string) => {
      if (line !== undefined) [expecting, asked] = [expecting - 1, asked - 1];
      if (expect !== undefined) [expecting, asked] = [linesToPrompt, 0];
      if (asks !== undefined && expecting > 0) asked = linesToAnswer;
      if (head === undefined || held === undefined || asked <= 0) return whole;
      asked = 0;
      return variable.test(held) ? whole : head + hide(held, count);
    },
  );
}
