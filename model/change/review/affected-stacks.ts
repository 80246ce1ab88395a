import { isHarmless } from "../../stack/project-paths";

/** One stack whose preview can look different after a change, and why. */
interface AffectedStack {
  readonly stack: string;
  readonly reason: string;
}

/** What a change touches. */
export interface Affected {
  readonly stacks: readonly AffectedStack[];
  /** Stacks whose file the change deletes: there is nothing left to preview, and perhaps a cluster. */
  readonly removed: readonly string[];
  /** How many changed files concern no stack. */
  readonly harmless: number;
}

/** The stacks that a change of these files affects; paths are relative to the project, stacks those it has afterwards. */
export function affectedStacks(changed: readonly string[], stacks: readonly string[]): Affected {
  const paths = [...new Set(changed)].sort();
  const own = paths.map(stackOf).filter((stack) => stack !== undefined);
  const code = paths.filter((path) => stackOf(path) === undefined && !isHarmless(path));
  const shared = code.length === 0 ? undefined : `${shortened(code)}: every stack runs this`;
  const affected = [...stacks].sort().flatMap((stack): AffectedStack[] => {
    const reasons = [
      ...(own.includes(stack) ? [`Pulumi.${stack}.yaml`] : []),
      ...(shared === undefined ? [] : [shared]),
    ];
    return reasons.length === 0 ? [] : [{ stack, reason: reasons.join("; ") }];
  });
  return {
    stacks: affected,
    removed: own.filter((stack) => !stacks.includes(stack)),
    harmless: paths.filter((path) => stackOf(path) === undefined && isHarmless(path)).length,
  };
}

function stackOf(path: string): string | undefined {
  return /^Pulumi\.([^/]+)\.yaml$/.exec(path)?.[1];
}

function shortened(paths: readonly string[]): string {
  const [first = "", second, ...others] = paths;
  if (second === undefined) return first;
  return others.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${others.length} more`;
}
