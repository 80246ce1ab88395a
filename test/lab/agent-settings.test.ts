import assert from "node:assert/strict";

import { plannedConfiguration, renderedConfiguration } from "../../model/cilium/agent/configuration";
import { refusals } from "../../model/cilium/agent/rule";
import { agentSubjects } from "../../model/cilium/agent/subjects";
import { readRender } from "../../model/cilium/proofs";
import { configOf } from "../../model/cilium/proofs/anatomy";
import { chartTools } from "../../lab/charts/record";
import { renderChart } from "../../lab/charts/render";
import { ensureTools, showProgress, type Toolchain } from "../../lab/toolchain/index";
import { recordedCilium } from "../../lab/toolchain/tools";
import { agentCases, ciliumOf } from "../fixtures/agent-settings";

const allRules = agentSubjects.flatMap(({ rules }) => rules);

describe("what agents refuse, judged on real renders", () => {
  let tools: Toolchain;
  before(async function () {
    this.timeout(40 * 60_000);
    tools = await ensureTools(chartTools, showProgress(process.stderr));
  });

  for (const [what, each] of Object.entries(agentCases)) {
    it(`is what the values alone say: ${what}`, () => {
      const { minor = "1.19" } = each;
      const version = recordedCilium(minor);
      let made;
      try {
        made = renderChart(tools, version, ciliumOf(each));
      } catch {
        // The chart itself refuses some of what agents refuse, and nothing else.
        assert.notDeepEqual(each.refused, []);
        return;
      }
      const { plan } = made;
      const { render } = readRender(made.rendered, plan);
      const nodes = plan.network.nodes;
      const rendered = renderedConfiguration(configOf(render) ?? {}, { minor, nodes, values: plan.values });
      const planned = plannedConfiguration(plan.values, minor, nodes);
      assert.deepEqual(
        refusals(rendered, allRules).map(({ key }) => key),
        refusals(planned, allRules).map(({ key }) => key),
      );
      for (const setting of planned.given) {
        const [expected, found] = [planned.text(setting), rendered.text(setting)];
        // What is off or empty may be left out.
        if (found !== undefined || !["", "false", "0"].includes(expected ?? "")) {
          assert.equal(found, expected, setting);
        }
      }
    });
  }
});
