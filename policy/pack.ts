import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";
import { type Rule, type RuleSettings, rules } from "./rules";

/** Add your organisation's own rules here; a rule is data and one pure function (rules.ts). */
const all: readonly Rule[] = [...rules];

const texts = { type: "array" as const, items: { type: "string" as const } };

new PolicyPack("metal", {
  description: "What an organisation asks of every cluster that this project makes",
  policies: all.map((rule): ResourceValidationPolicy => ({
    name: rule.name,
    description: rule.description,
    enforcementLevel: "mandatory",
    configSchema: { properties: { productionStacks: texts, ownerKeys: texts } },
    validateResource: (resource, report) => {
      // urn:pulumi:<stack>::<project>::…
      const stack = resource.urn.split(":")[2] ?? "";
      for (const message of rule.judge(resource, stack, resource.getConfig<RuleSettings>())) report(message);
    },
  })),
});
