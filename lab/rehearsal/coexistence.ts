import { type Fingerprints, fingerprints } from "./nothing-left";
import { destroyAndProve, provisionAndVerify, type Rehearsal, type RehearsalResult } from "./steps";
import type { Verdict } from "./verdict";
import { verify } from "./verify";

/**
 * Makes a second stack in the same management cluster while the first lives, and destroys it again: neither may leave a
 * trace on the first, whether they share a namespace or not.
 */
export async function besideTheFirst(first: Rehearsal, second: Rehearsal): Promise<RehearsalResult> {
  const { api } = first.lab.plane;
  const { namespace } = first.facts;
  const before = await fingerprints(api, namespace);
  const processes = first.lab.context.processes.names;
  const made = await provisionAndVerify(second);
  const during = untouched(`while ${second.facts.cluster} came`, before, await fingerprints(api, namespace));
  const shared = second.facts.namespace === namespace ? before : undefined;
  const gone = await destroyAndProve(second, processes, shared);
  const after = untouched(
    `when ${second.facts.cluster} had gone`,
    before,
    await fingerprints(api, namespace),
  );
  const verdicts = [during, after, ...(await verify(first.lab, first.facts))];
  for (const { statement, against, notApplicable } of verdicts) {
    if (notApplicable !== undefined) continue;
    if (against.length === 0) first.narrator.holds(statement);
    else first.narrator.fails(`not so: ${statement}\n${against.join("\n")}`);
  }
  const contradictions = verdicts.flatMap(({ statement, against }) =>
    against.map((each) => `${statement}: ${each}`),
  );
  return {
    statements: made.statements + gone.statements + verdicts.length,
    contradictions: [...made.contradictions, ...gone.contradictions, ...contradictions],
    seconds: {},
    timeline: made.timeline,
  };
}

function untouched(when: string, before: Fingerprints, after: Fingerprints): Verdict {
  const against = [...before].flatMap(([name, print]) => {
    const now = after.get(name);
    if (now === print) return [];
    return [now === undefined ? `${name} is gone` : `${name} was changed`];
  });
  return { statement: `its ${before.size} objects were not touched ${when}`, against };
}
