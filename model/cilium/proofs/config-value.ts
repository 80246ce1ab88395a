import type { CiliumPlan } from "../../plan/plan";
import { configOf, quoted } from "./anatomy";
import { type Proof, defineProof } from "./proof";

/** A proof that one key of cilium-config has the one value that the plan relies on. */
export function configValue(rule: {
  readonly id: string;
  readonly why: string;
  /** Key of cilium-config. */
  readonly setting: string;
  /** The value that it must have; undefined: anything goes for this plan. */
  readonly wanted: (plan: CiliumPlan) => string | undefined;
  /** A setting without which this one says nothing; another proof reports that it is missing. */
  readonly given?: { readonly setting: string; readonly value?: string };
  /** Key of `cilium.values` that sets it. */
  readonly key: string;
  readonly fix: (wanted: string) => string;
}): Proof {
  const { id, why, setting, key, given } = rule;
  return defineProof({
    id,
    why,
    run: (render, plan) => {
      const config = configOf(render);
      const wanted = rule.wanted(plan);
      if (config === undefined || wanted === undefined || config[setting] === wanted) return [];
      const base = given === undefined ? undefined : config[given.setting];
      if (given !== undefined && (base === undefined || base !== (given.value ?? base))) return [];
      return [
        {
          key,
          problem: `cilium-config: ${setting} is ${quoted(config[setting])}, not "${wanted}"`,
          fix: rule.fix(wanted),
        },
      ];
    },
  });
}
