import { contains, parseAddress, parseCidr } from "../../addresses/range";
import type { Stack } from "../../config/schema";
import { withoutProxy } from "../../manifests/container-runtime";
import { defineCheck } from "../check";

export const mirrorsBypassProxy = defineCheck({
  id: "machines/mirrors-bypass-proxy",
  why: "pulls from a mirror of your own would go through the proxy, which may not reach it",
  severity: "warning",
  run: (stack) => {
    const { registryMirrors, proxy } = stack.machines;
    if (proxy?.http === undefined && proxy?.https === undefined) return [];
    return Object.entries(registryMirrors).flatMap(([registry, urls]) =>
      urls.flatMap((url, i) => {
        const host = /^https?:\/\/\[?([^/\]\s]+?)\]?(:\d+)?(\/|$)/.exec(url)?.[1];
        if (host === undefined || isDirect(stack, host)) return [];
        return [
          {
            at: `machines.registryMirrors.${registry}[${i}]`,
            problem: `"${host}" is not in machines.proxy.noProxy`,
            fix: `add ${host} to machines.proxy.noProxy`,
          },
        ];
      }),
    );
  },
});

/** Is a host reached without the proxy: by the stack's own networks, or by the user's exceptions? */
function isDirect(stack: Stack, host: string): boolean {
  const address = parseAddress(host);
  const direct = withoutProxy(stack);
  return direct.some((entry) => {
    const range = parseCidr(entry) ?? parseAddress(entry);
    if (range !== undefined) return address !== undefined && contains(range, address);
    const domain = entry.replace(/^\*/, "").replace(/:\d+$/, "");
    return domain === "" || host === domain || host.endsWith(domain.startsWith(".") ? domain : `.${domain}`);
  });
}
