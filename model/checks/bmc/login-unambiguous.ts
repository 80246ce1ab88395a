import type { Host, Stack } from "../../config/schema";
import { defineCheck } from "../check";

type Login = Pick<Host["bmc"], "username" | "password" | "existingSecret">;

export const loginUnambiguous = defineCheck({
  id: "bmc/login-unambiguous",
  why: "one of the two logins is silently ignored, and a wrong one locks the BMC's account after a few tries",
  run: (stack: Stack) => [
    ...both("bmc", stack.bmc),
    ...stack.hosts.flatMap(({ bmc }, i) => [
      ...both(`hosts[${i}].bmc`, bmc),
      ...usernameLost(`hosts[${i}].bmc`, bmc, stack.bmc),
    ]),
  ],
});

function both(at: string, { username, password, existingSecret }: Login) {
  if (existingSecret === undefined || (username === undefined && password === undefined)) return [];
  return [
    {
      at: `${at}.existingSecret`,
      problem: `both the Secret "${existingSecret}" and ${password === undefined ? "a username" : "a password"} are given`,
      fix: "keep existingSecret, or username and password",
    },
  ];
}

function usernameLost(at: string, own: Login, general: Login) {
  const lost =
    own.username !== undefined &&
    own.password === undefined &&
    own.existingSecret === undefined &&
    general.existingSecret !== undefined;
  if (!lost) return [];
  return [
    {
      at: `${at}.username`,
      problem: `"${own.username}" is not used: the login comes from bmc.existingSecret "${general.existingSecret}"`,
      fix: `set ${at}.password too, or remove the username`,
    },
  ];
}
