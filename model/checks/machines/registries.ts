import { contains, parseAddress, parseCidr } from "../../net/addresses";
import type { Stack } from "../../stack/schema";
import { withoutProxy } from "../../plan/manifests/machine-files";
import { type Check, defineCheck } from "../check";

/** Every mirror of a registry, with its place in the stack file. */
function mirrorsOf({ machines }: Stack) {
  return Object.entries(machines.registryMirrors).flatMap(([registry, urls]) =>
    urls.map((url, i) => ({ url, at: `machines.registryMirrors.${registry}[${i}]` })),
  );
}

/** The URLs of the proxy, with their places in the stack file. */
function proxiesOf({ machines: { proxy } }: Stack) {
  return (["http", "https"] as const).flatMap((key) => {
    const url = proxy?.[key];
    return url === undefined ? [] : { url, at: `machines.proxy.${key}` };
  });
}

/** Checks of registry mirrors and of the proxy. */
export const registryChecks: readonly Check[] = [
  defineCheck({
    id: "machines/mirror-registries-form",
    summary: "Registry mirrors are listed by the host of their registry.",
    why: "containerd looks for a folder named after the registry's host and finds no other",
    run: ({ machines }) =>
      Object.keys(machines.registryMirrors).flatMap((registry) => {
        if (
          registry === "_default" ||
          /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:\d+)?$/.test(registry)
        )
          return [];
        const host = registry
          .toLowerCase()
          .replace(/^[a-z]+:\/\//, "")
          .replace(/[/\s].*$/, "");
        return {
          at: `machines.registryMirrors.${registry}`,
          problem: `"${registry}" is not the host of a registry`,
          fix: `write ${host === "" ? "one such as quay.io" : host}`,
        };
      }),
  }),
  defineCheck({
    id: "machines/mirror-urls-form",
    summary: "Registry mirrors are HTTP URLs.",
    why: "containerd ignores the whole file of a registry that it cannot parse, and an air-gapped node pulls nothing",
    run: (stack) =>
      mirrorsOf(stack)
        .filter(({ url }) => !/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/.test(url))
        .map(({ url, at }) => ({
          at,
          problem: `"${url}" is not the URL of a mirror`,
          fix: /^[\w.-]+(:\d+)?(\/\S*)?$/.test(url)
            ? `write https://${url}`
            : "write one such as https://mirror.example.com",
        })),
  }),
  defineCheck({
    id: "machines/mirrors-read",
    summary: "Registry mirrors are set only for containerd.",
    why: "mirrors are written in containerd's format; CRI-O reads other files, and pulls from the registry itself",
    run: ({ machines: { containerRuntime, registryMirrors } }) => {
      const registries = Object.keys(registryMirrors);
      if (containerRuntime === "containerd" || registries.length === 0) return [];
      return {
        at: "machines.registryMirrors",
        problem: `mirrors of ${registries.join(", ")} have no effect on ${containerRuntime}`,
        fix: "write /etc/containers/registries.conf.d/mirrors.conf with machines.files instead, and remove them here",
      };
    },
  }),
  defineCheck({
    id: "machines/mirrors-bypass-proxy",
    summary: "Registry mirrors are reached without the proxy.",
    why: "pulls from your own mirror would go through the proxy, which may not reach it",
    severity: "warning",
    run: (stack) =>
      mirrorsOf(stack).flatMap(({ url, at }) => {
        const host = /^https?:\/\/\[?([^/\]\s]+?)\]?(:\d+)?(\/|$)/.exec(url)?.[1];
        if (proxiesOf(stack).length === 0 || host === undefined || isDirect(stack, host)) return [];
        return {
          at,
          problem: `"${host}" is not in machines.proxy.noProxy`,
          fix: `add ${host} to machines.proxy.noProxy`,
        };
      }),
  }),
  defineCheck({
    id: "machines/proxy-named",
    summary: "Proxy settings name a proxy.",
    why: "exceptions without a proxy have no effect, and images are pulled directly",
    run: (stack) =>
      stack.machines.proxy === undefined || proxiesOf(stack).length > 0
        ? []
        : {
            at: "machines.proxy",
            problem: "neither http nor https names a proxy",
            fix: "add http: http://proxy.example.com:3128, and https if pulls go through it, or remove proxy",
          },
  }),
  defineCheck({
    id: "machines/proxy-urls-form",
    summary: "Proxy addresses are URLs.",
    why: "containerd cannot pull an image through a proxy whose address it cannot parse",
    run: (stack) =>
      proxiesOf(stack).flatMap(({ url, at }) => {
        if (/^(https?|socks5):\/\/[^\s/?#]+\/?$/.test(url)) return [];
        const bare = url.replace(/^[a-z0-9]+:\/\//i, "");
        return {
          at,
          // Without the text before an @, which may be a password.
          problem: `"${bare.replace(/^.*@/, "")}" is not the URL of a proxy`,
          fix: /^[\w.-]+(:\d+)?$/.test(bare)
            ? `write http://${bare}`
            : "write one such as http://proxy.example.com:3128",
        };
      }),
  }),
  defineCheck({
    id: "machines/proxy-without-login",
    summary: "Proxy URLs contain no login.",
    why: "the login would be plain text in this file, in Pulumi's state and in a file that every process of the machine can read",
    run: (stack) =>
      proxiesOf(stack)
        .filter(({ url }) => url.includes("@"))
        .map(({ at }) => ({
          at,
          problem: "the URL contains a login",
          fix: "remove it, and let the proxy identify the nodes by their addresses",
        })),
  }),
  defineCheck({
    id: "machines/no-proxy-form",
    summary: "Exceptions from the proxy are hosts, domains, addresses or networks.",
    why: "an exception that matches nothing sends that traffic to the proxy",
    run: ({ machines: { proxy } }) =>
      (proxy?.noProxy ?? []).flatMap((entry, i) => {
        if (/^(\*|\*?\.?[\w-]+(\.[\w-]+)*(:\d+)?|[\da-fA-F:.]+(\/\d+)?)$/.test(entry)) return [];
        const [bare = ""] = entry
          .trim()
          .replace(/^[a-z0-9]+:\/\//i, "")
          .split(/[/,\s]/);
        return {
          at: `machines.proxy.noProxy[${i}]`,
          problem: `"${entry}" is not a host, domain, address or network`,
          fix: `write one per entry, without scheme and path, such as ${bare === "" ? ".example.com" : bare}`,
        };
      }),
  }),
];

/** Whether a host is reached without the proxy: through the stack's own networks, or an exception in the stack file. */
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
