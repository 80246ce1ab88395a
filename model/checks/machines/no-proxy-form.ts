import { defineCheck } from "../check";

export const noProxyForm = defineCheck({
  id: "machines/no-proxy-form",
  why: "an exception that matches nothing sends that traffic to the proxy",
  run: ({ machines: { proxy } }) =>
    (proxy?.noProxy ?? []).flatMap((entry, i) => {
      if (/^(\*|\*?\.?[\w-]+(\.[\w-]+)*(:\d+)?|[\da-fA-F:.]+(\/\d+)?)$/.test(entry)) return [];
      const [bare = ""] = entry
        .trim()
        .replace(/^[a-z0-9]+:\/\//i, "")
        .split(/[/,\s]/);
      return [
        {
          at: `machines.proxy.noProxy[${i}]`,
          problem: `"${entry}" is no host, domain, address or network`,
          fix: `write one for each entry, without scheme and path, such as ${bare === "" ? ".example.com" : bare}`,
        },
      ];
    }),
});
