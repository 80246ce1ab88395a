import type { Host } from "../../stack/schema";
import { type Check, defineCheck } from "../check";
import { bmcsOf } from "./drivers";

type Login = Pick<Host["bmc"], "username" | "password" | "existingSecret">;

/** Checks of the logins of BMCs. */
export const bmcLoginChecks: readonly Check[] = [
  defineCheck({
    id: "hosts/bmc-login-given",
    summary: "Every host has a BMC login.",
    why: "a host cannot be registered without a login",
    run: (stack) =>
      stack.hosts.flatMap(({ name, bmc }, i) => {
        const existing = bmc.existingSecret ?? stack.bmc.existingSecret;
        const login = (bmc.username ?? stack.bmc.username) && (bmc.password ?? stack.bmc.password);
        if (existing !== undefined || login !== undefined) return [];
        return {
          at: `hosts[${i}].bmc`,
          problem: `${name} has no BMC login`,
          fix: "pulumi config set --secret --path 'metal:bmc.password', and set metal:bmc.username",
        };
      }),
  }),
  defineCheck({
    id: "bmc/login-unambiguous",
    summary: "Each BMC has one login, not two.",
    why: "one of the two logins is silently ignored, and a wrong one locks the BMC's account after a few attempts",
    run: ({ bmc: general, hosts }) =>
      [
        both("bmc", general),
        ...hosts.flatMap(({ bmc }, i) => [
          both(`hosts[${i}].bmc`, bmc),
          usernameLost(`hosts[${i}].bmc`, bmc, general),
        ]),
      ].flat(),
  }),
  defineCheck({
    id: "bmc/username-plain",
    summary: "BMC usernames contain no blanks or control characters.",
    why: "the BMC refuses such a name and locks the account after a few attempts",
    run: ({ bmc, hosts }) =>
      [
        { at: "bmc.username", name: bmc.username },
        ...hosts.map((host, i) => ({ at: `hosts[${i}].bmc.username`, name: host.bmc.username })),
      ].flatMap(({ at, name = "" }) =>
        // eslint-disable-next-line no-control-regex -- it finds control characters
        /[\s\u0000-\u001f]/.test(name)
          ? {
              at,
              problem: `${JSON.stringify(name)} contains a blank`,
              fix: `write "${name.replace(/\s+/g, "")}"`,
            }
          : [],
      ),
  }),
  defineCheck({
    id: "bmc/no-login-in-address",
    summary: "No BMC address contains a login.",
    why: "Metal3 ignores a login in the address, which is unencrypted in the stack file, the state and the BareMetalHost",
    acceptable: false,
    run: (stack) =>
      bmcsOf(stack)
        .filter(({ address }) => address?.login === true)
        .map(({ at, hostAt, text }) => ({
          at,
          problem: `"${text}" contains a login`,
          fix: `remove it, change that password, and set metal:${hostAt}.bmc.username and .password`,
        })),
  }),
];

function both(at: string, { username, password, existingSecret }: Login) {
  if (existingSecret === undefined || (username === undefined && password === undefined)) return [];
  return {
    at: `${at}.existingSecret`,
    problem: `both the Secret "${existingSecret}" and ${password === undefined ? "a username" : "a password"} are given`,
    fix: "keep existingSecret, or username and password",
  };
}

function usernameLost(at: string, own: Login, general: Login) {
  const lost =
    own.username !== undefined &&
    own.password === undefined &&
    own.existingSecret === undefined &&
    general.existingSecret !== undefined;
  if (!lost) return [];
  return {
    at: `${at}.username`,
    problem: `"${own.username}" is not used: the login comes from bmc.existingSecret "${general.existingSecret}"`,
    fix: `set ${at}.password too, or remove the username`,
  };
}
