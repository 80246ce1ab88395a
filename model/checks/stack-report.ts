import { judgeStack } from "./accept";
import { checks } from ".";
import { formRules } from "../stack/form-rules";
import type { Stack } from "../stack/schema";
import type { SecretPath } from "../stack/secrets";
import type { Finding } from "../findings/finding";
import type { Report } from "../findings/report";

/** What happens where a rule does not hold, by the rule's id. */
const reasons = new Map([...formRules, ...checks].map(({ id, why }) => [id, why]));

/**
 * What its form and all checks have to say about a stack, or about what of it is partial; about a file that is no YAML only
 * its form. Acceptances end by the day in UTC, everywhere the same.
 */
export function stackReport(
  subject: string,
  readable: Stack | undefined,
  inForm: readonly Finding[],
  now: Date,
  secrets?: ReadonlyMap<SecretPath, string>,
): Omit<Report, "source"> {
  const checked =
    readable === undefined ? undefined : judgeStack(readable, now.toISOString().slice(0, 10), secrets);
  return {
    ...checked,
    subject,
    findings: [...inForm, ...(checked?.findings ?? [])],
    why: (id) => reasons.get(id),
  };
}
