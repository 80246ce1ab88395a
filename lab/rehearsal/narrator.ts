import { styleText } from "node:util";
import { shown } from "../../model/redaction/shown";

type Colour = "green" | "red" | "bold";

/** Tells people what the rehearsal does: plain lines with elapsed time, coloured on a terminal only. */
export class Narrator {
  constructor(
    private readonly write: (line: string) => void,
    private readonly coloured: boolean,
    private readonly startedAt = Date.now(),
    private readonly about = "",
  ) {}

  /** The same narrator for one of several stacks: its lines begin with that name. */
  named(stack: string): Narrator {
    return new Narrator(this.write, this.coloured, this.startedAt, `${stack}: `);
  }

  /** Seconds since the start. */
  get elapsed(): number {
    return (Date.now() - this.startedAt) / 1000;
  }

  /** A step begins. */
  step(title: string): void {
    this.line("==", title, "bold");
  }

  /** Something holds. */
  holds(text: string): void {
    this.line("ok", text, "green");
  }

  /** Something does not hold. */
  fails(text: string): void {
    for (const part of shown(text).split("\n")) this.line("NO", part, "red");
  }

  /** What the engine says by itself, without its dots and without what is only about to happen. */
  relay(text: string): void {
    const line = text.trim();
    const noise = line === "" || line.startsWith("@ ") || / (creating|deleting|updating) \(0s\)$/.test(line);
    // A command's own output is cut out of the row in which the engine shows it.
    const said = /^ *\S* +command:local:Command \S+ \w+ \([^)]*\) (.+)$/.exec(line)?.[1];
    if (!noise) this.line("", said ?? text);
  }

  /** Lines without time: tables and instructions. */
  block(lines: readonly string[]): void {
    for (const line of shown(lines.join("\n")).split("\n")) this.write(line);
  }

  private line(mark: string, text: string, colour?: Colour): void {
    const line = `${clock(this.elapsed)} ${mark.padEnd(3)} ${this.about}${shown(text)}`;
    this.write(this.coloured && colour !== undefined ? styleText(colour, line) : line);
  }
}

/** Seconds as `mm:ss`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}
