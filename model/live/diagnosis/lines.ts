import { plainText, shownOnOneLine, wrapped } from "../../redaction/shown";
import type { Paint } from "../../findings/formats";
import { duration } from "../../text/wording";
import type { Diagnosis, FoundCause } from "./diagnose";

/** Wide enough for evidence, narrow enough for a log. */
const width = 100;

/** A diagnosis for people: the first cause with its evidence and what to run, then what else was seen. */
export function diagnosisLines(diagnosis: Diagnosis, paint: Paint): readonly string[] {
  return [
    ...headLines(diagnosis, paint),
    ...(diagnosis.first === undefined ? [] : causeLines(diagnosis.first, diagnosis.at, paint)),
    ...list(
      "Also seen",
      diagnosis.others.map(({ id, who, problem }) => `${id}  ${who}: ${problem}`),
    ),
    ...(diagnosis.verdict === "no cause known" ? list("Missing", diagnosis.missing) : []),
    ...list("Could not be read", diagnosis.unread),
    "",
    `Walked  ${diagnosis.walked.map(({ name, state }) => `${name} ${words[state]}`).join(" > ")}`,
    ...(diagnosis.first === undefined ? [] : [`More    npm run metal -- explain ${diagnosis.first.id}`]),
  ];
}

const words = { good: "ok", bad: "BAD", unknown: "?" } as const;

function headLines({ cluster, verdict, first }: Diagnosis, paint: Paint): readonly string[] {
  switch (verdict) {
    case "healthy":
      return [`${paint("good", "ok")}  ${cluster} is ready, and no problem was detected`];
    case "no cause known":
      return [`${paint("warning", "wait")}  ${cluster} is not ready yet, and no problem was detected`];
    case "unknown":
      return [`${paint("warning", "?")}  the state of ${cluster} is unknown`];
    case "cause":
      return [
        `${paint("error", `BAD  ${first?.id ?? ""}`)}  ${paint("strong", plainText(first?.problem ?? ""))}  (${first?.certainty ?? ""})`,
      ];
  }
}

function causeLines(cause: FoundCause, now: number, paint: Paint): readonly string[] {
  const evidence = [cause.evidence, ...cause.events].map(plainText).filter((line) => line !== "");
  return [
    `     ${shownOnOneLine(cause.object)}${cause.since === undefined ? "" : paint("faint", `, for ${duration(now - cause.since)}`)}`,
    "",
    "  Evidence",
    ...evidence.flatMap((line, index) => indented(`${index + 1} `, line)),
    "  Because",
    ...indented("", shownOnOneLine(cause.why)),
    "  Do this",
    ...indented("", shownOnOneLine(cause.fix)),
    `    ${paint("strong", shownOnOneLine(cause.command))}`,
  ];
}

function indented(mark: string, text: string): readonly string[] {
  const [first = "", ...rest] = wrapped(text, width - 4 - mark.length);
  const blank = " ".repeat(4 + mark.length);
  return [`    ${mark}${first}`, ...rest.map((line) => blank + line)];
}

function list(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", `  ${title}`, ...lines.map((line) => `    ${plainText(line)}`)];
}
