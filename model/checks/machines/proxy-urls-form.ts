import { defineCheck } from "../check";

export const proxyUrlsForm = defineCheck({
  id: "machines/proxy-urls-form",
  why: "containerd cannot pull a single image through a proxy whose address it cannot read",
  run: ({ machines: { proxy } }) =>
    (["http", "https"] as const).flatMap((key) => {
      const url = proxy?.[key];
      if (url === undefined || /^(https?|socks5):\/\/[^\s/?#]+\/?$/.test(url)) return [];
      const bare = url.replace(/^[a-z0-9]+:\/\//i, "");
      return [
        {
          at: `machines.proxy.${key}`,
          // Without what stands before an @, which may be a password.
          problem: `"${bare.replace(/^.*@/, "")}" is no URL of a proxy`,
          fix: /^[\w.-]+(:\d+)?$/.test(bare)
            ? `write http://${bare}`
            : "write one such as http://proxy.example.com:3128",
        },
      ];
    }),
});
