import { defineCheck } from "../check";

export const bmcLoginGiven = defineCheck({
  id: "hosts/bmc-login-given",
  why: "a host cannot be registered without a login",
  run: (stack) =>
    stack.hosts.flatMap(({ name, bmc }, i) => {
      const existing = bmc.existingSecret ?? stack.bmc.existingSecret;
      const login = (bmc.username ?? stack.bmc.username) && (bmc.password ?? stack.bmc.password);
      if (existing !== undefined || login !== undefined) return [];
      return [
        {
          at: `hosts[${i}].bmc`,
          problem: `${name} has no BMC login`,
          fix: "pulumi config set --secret --path 'metal:bmc.password', and set metal:bmc.username",
        },
      ];
    }),
});
