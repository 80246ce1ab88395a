import { defineCheck } from "../check";
import { minorOf } from "../versions";
import { isOn, quoted, value } from "./user-values";

export const hubbleCertificatesStable = defineCheck({
  id: "cilium/hubble-certificates-stable",
  why: "Helm makes new keys at every render, so every preview differs and every update replaces them",
  acceptable: false,
  run: (stack) => {
    const tls = ["hubble.tls.enabled", "hubble.tls.auto.enabled"].every(
      (path) => value(stack, path) !== false,
    );
    if (!isOn(value(stack, "hubble.enabled")) || !tls) return [];
    const method = value(stack, "hubble.tls.auto.method") ?? "helm";
    const at = "cilium.values.hubble.tls.auto.method";
    if (method === "helm")
      return [
        { at, problem: `with ${quoted(method)} the render is never the same twice`, fix: "write cronJob" },
      ];
    // Before 1.19 the first certificates come from a Helm hook, which the CLI does not print (facts/cilium.md 2d).
    if (method !== "cronJob" || minorOf(stack.cilium.version) >= 19) return [];
    return [
      {
        at,
        problem: `with Cilium ${stack.cilium.version} the first certificates come from a hook that is not in the render`,
        fix: "use Cilium 1.19, or write hubble.tls.enabled: false",
      },
    ];
  },
});
