import { defineCheck } from "../check";

export const proxyWithoutLogin = defineCheck({
  id: "machines/proxy-without-login",
  why: "the login would be plain text in this file, in Pulumi's state and in a file that every process of the machine reads",
  run: ({ machines: { proxy } }) =>
    (["http", "https"] as const).flatMap((key) =>
      proxy?.[key]?.includes("@") === true
        ? [
            {
              at: `machines.proxy.${key}`,
              problem: "the URL holds a login",
              fix: "remove it, and let the proxy know the nodes by their addresses",
            },
          ]
        : [],
    ),
});
