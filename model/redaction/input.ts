import { type Count, hide } from "./forms";
import { namesSecretFile } from "./secret-files";

// cspell:ignore chpasswd chgpasswd newusers smbpasswd vncpasswd mkpasswd kinit cryptsetup

/** Commands that read a secret from their input, or options that make them. */
const readers =
  "(?:(?<![\\w-]|/etc/)(?:chpasswd|chgpasswd|passwd|newusers|smbpasswd|vncpasswd|htpasswd|mkpasswd|cryptsetup|kinit)(?![\\w./-])|" +
  "(?<![\\w-])sudo[ \\t]+(?:-\\w+[ \\t]+){0,4}-\\w*S\\b|--?(?:password|passphrase|token|key)-(?:stdin|fd)\\b|--with-token\\b|" +
  "(?<![\\w-])openssl[ \\t]+passwd\\b|--key-file[= ]-(?=\\s|$)|-pass(?:in|out)?[ \\t]+stdin\\b)";
/** What a shell writes: words and quoted texts up to a pipe, a redirection or the next command. */
const written = "(?:\"[^\"\\n]{0,2000}\"|'[^'\\n]{0,2000}'|[^|\\n\"';&<>]){1,2000}";
const writer = "\\b(?:echo|printf)(?:[ \\t]+-[neE]{1,3})?[ \\t]+";

const piped = new RegExp(`(${writer})(${written})(?=\\|[^\\n]{0,300}?${readers})`, "g");
const hereString = new RegExp(
  `(${readers}[^\\n<]{0,300}<<<[ \\t]*)("[^"\\n]*"|'[^'\\n]*'|[^\\s;&|"']+)`,
  "g",
);
const saved = new RegExp(
  `(${writer})(${written})(?=(?:>{1,2}\\|?|\\|[ \\t]*(?:sudo[ \\t]+)?tee(?:[ \\t]+-\\w+)?[ \\t])[ \\t]*["']?([^\\s"';&|<>]{1,400}))`,
  "g",
);
/** Of a quoted text on one line, whose line breaks are written as `\\n`, the document is in the line itself. */
const document = /<<-?[ \t]*\\?["']?([A-Za-z_]\w{0,40})(?![^\n]*\\n)/;
const reads = new RegExp(readers);
/** The files that a command with a document writes. */
const target =
  />{1,2}\|?[ \t]*["']?([^\s"';&|<>]{1,400})|\btee[ \t]+(?:-\w+[ \t]+)?["']?([^\s"';&|<>]{1,400})/g;

/** A line without what its commands give to one that reads a secret, or write to a file that is one. */
export function withoutInput(line: string, count: Count): string {
  let rest = line;
  if (/\b(?:echo|printf)\b/.test(rest) && /[|>]/.test(rest)) {
    rest = rest.replace(piped, (_whole, head: string, held: string) => head + hide(held, count));
    rest = rest.replace(saved, (whole, head: string, held: string, path: string) =>
      namesSecretFile(path) ? head + hide(held, count) : whole,
    );
  }
  if (!rest.includes("<<<")) return rest;
  return rest.replace(hereString, (_whole, head: string, held: string) => head + hide(held, count));
}

/** The word that ends a document of secrets: below `chpasswd <<EOF`, or below one that goes to a file that is a secret. */
export function endOfInput(line: string): string | undefined {
  const [, end] = line.includes("<<") && !line.includes("<<<") ? (document.exec(line) ?? []) : [];
  if (end === undefined) return undefined;
  const files = [...line.matchAll(target)].map(([, redirected = "", teed = redirected]) => teed);
  return reads.test(line) || files.some(namesSecretFile) ? end : undefined;
}
