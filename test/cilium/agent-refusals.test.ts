import assert from "node:assert";
import { plannedConfiguration, renderedConfiguration } from "../../model/cilium/agent/configuration";
import { refusals } from "../../model/cilium/agent/rule";
import { agentSubjects } from "../../model/cilium/agent/subjects";
import { minorVersion } from "../../model/kubernetes/version";
import { configOf } from "../../model/cilium/proofs/anatomy";
import { ciliumValues } from "../../model/plan/cilium-values";
import { stackWith } from "../model/stacks";
import { recorded } from "../proofs/recorded";
import { type AgentCase, agentCases } from "../fixtures/agent-settings";

const allRules = agentSubjects.flatMap(({ rules }) => rules);

const capi1 = stackWith();

function configurationOf({ minor = "1.19", ipv6 = false, refused: _, ...cilium }: AgentCase) {
  const stack = { ...capi1, cilium: { ...capi1.cilium, version: `${minor}.0`, ...cilium } };
  const values = { ...ciliumValues(stack), ...(ipv6 ? { ipv6: { enabled: true } } : {}) };
  return plannedConfiguration(values, minor, stack.network.nodes);
}

describe("what agents refuse at their start", () => {
  for (const [what, each] of Object.entries(agentCases)) {
    it(`${each.refused.length === 0 ? "not" : each.refused.join(", ")}: ${what}`, () => {
      const found = refusals(configurationOf(each), allRules);
      assert.deepStrictEqual(found.map(({ key }) => key).sort(), [...each.refused].sort());
      for (const { problem, fix } of found)
        assert.doesNotMatch(`${problem} ${fix}`, /undefined|NaN|\[object/);
    });
  }

  it("has a case for every rule, and for every minor that a rule is about", () => {
    const missing = allRules.flatMap((rule) =>
      (rule.minors ?? ["any"])
        .filter(
          (minor) =>
            !Object.values(agentCases).some(
              (each) =>
                (minor === "any" || (each.minor ?? "1.19") === minor) &&
                refusals(configurationOf(each), [rule]).length > 0,
            ),
        )
        .map((minor) => `${rule.setting} ${minor}: ${rule.fix}`),
    );
    assert.deepStrictEqual(missing, []);
  });

  for (const { version, plan, render } of recorded) {
    it(`is predicted from the values as chart ${version} renders it`, () => {
      const minor = minorVersion(version);
      const about = { minor, nodes: plan.network.nodes, values: plan.values };
      const rendered = renderedConfiguration(configOf(render) ?? {}, about);
      const planned = plannedConfiguration(plan.values, minor, plan.network.nodes);
      for (const setting of planned.given) {
        assert.strictEqual(rendered.text(setting), planned.text(setting), setting);
      }
      assert.ok(planned.given.length >= 4);
    });
  }
});
