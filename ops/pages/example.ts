import fs from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";
import { checkStack } from "../../model/checks";
import { readStack } from "../../model/config/read-stack";
import { separateSecrets } from "../../model/config/secrets";
import { field } from "../../model/kubernetes/object";

/** A mistake that a check refuses, from the fixtures that its test uses. */
export interface Example {
  /** The mistake in words. */
  readonly mistake: string;
  /** What is written in the stack file, as YAML. */
  readonly written: string;
  readonly problem: string;
  readonly fix: string;
}

const root = path.join(__dirname, "../..");
const fixtures = path.join(root, "test/fixtures");

interface Fixture {
  readonly base?: string;
  readonly stack?: string;
  readonly change?: Readonly<Record<string, unknown>>;
  readonly finds: readonly string[];
}

/** The fixture that breaks this rule and as few others as possible, with what is said about it; undefined when none is there. */
export function exampleOf(id: string): Example | undefined {
  fixturesRead ??= readFixtures();
  const candidates = fixturesRead
    .filter(({ fixture }) => fixture.finds.some((find) => find.split(" ")[0] === id))
    .sort((a, b) => a.fixture.finds.length - b.fixture.finds.length);
  for (const { mistake, fixture } of candidates) {
    const found = findingsOf(fixture).find((finding) => finding.id === id);
    if (found !== undefined) {
      return { mistake, written: writtenText(fixture), problem: found.problem, fix: found.fix };
    }
  }
  return undefined;
}

interface NamedFixture {
  readonly mistake: string;
  readonly fixture: Fixture;
}

/** Read once: a page of all checks asks a few hundred times. */
let fixturesRead: readonly NamedFixture[] | undefined;

function readFixtures(): readonly NamedFixture[] {
  const folder = path.join(fixtures, "bad");
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .flatMap((file) => {
      const text = fs.readFileSync(path.join(folder, file), "utf8");
      const mistake = /^# (.+)/.exec(text)?.[1];
      return mistake === undefined ? [] : [{ mistake, fixture: parse(text) as Fixture }];
    });
}

function writtenText({ change = {}, stack }: Fixture): string {
  const lines = Object.entries(change).map(([at, value]) =>
    value === null
      ? `${at}: (left out)`
      : `${at}: ${stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim()}`,
  );
  return [...(stack === undefined ? [] : [`the stack is named ${stack}`]), ...lines].join("\n");
}

function findingsOf({ base, change = {}, stack = base ?? "capi-1" }: Fixture) {
  const file =
    base === undefined ? path.join(root, "Pulumi.capi-1.yaml") : path.join(fixtures, "good", `${base}.yaml`);
  const config = field(parse(fs.readFileSync(file, "utf8")), "config") as Record<string, unknown>;
  const raw = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("metal:", ""), value]),
  );
  if (base === undefined) raw["bmc"] = { username: "metal", password: "throw-away" };
  for (const [at, value] of Object.entries(change)) setAt(raw, at, value);
  const separated = separateSecrets(raw);
  const reading = readStack(separated.raw, stack);
  return reading.findings ?? checkStack(reading.stack, separated.values);
}

/** Writes a value at a place such as `hosts[3].bmc.address`; null removes what is there. */
function setAt(raw: Record<string, unknown>, at: string, value: unknown): void {
  const steps = at.split(/[.[\]]+/).filter((step) => step !== "");
  const last = steps.pop() ?? "";
  let here = raw;
  for (const step of steps) here = (here[step] ??= {}) as Record<string, unknown>;
  if (value === null) delete here[last];
  else here[last] = value;
}
