import { defineCheck } from "../check";

export const proxyNamed = defineCheck({
  id: "machines/proxy-named",
  why: "exceptions from a proxy that is not named do nothing, and images are pulled directly",
  run: ({ machines: { proxy } }) =>
    proxy === undefined || proxy.http !== undefined || proxy.https !== undefined
      ? []
      : [
          {
            at: "machines.proxy",
            problem: "neither http nor https names a proxy",
            fix: "add http: http://proxy.example.com:3128, and https if pulls go through it, or remove proxy",
          },
        ],
});
