import { defineCheck } from "../check";
import { routersOf } from "./places";

/** `ssh://user@host[:port]`; a host that begins with a dash would be an option to ssh. */
export const sshTargetForm =
  /^ssh:\/\/(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/;

export const managementForm = defineCheck({
  id: "bgp/management-form",
  why: "the router's running configuration is read with ssh",
  run: ({ bgp }) =>
    routersOf(bgp)
      .filter(({ router: { management } }) => management !== undefined && !sshTargetForm.test(management))
      .map(({ router, at }) => ({
        at: `${at}.management`,
        problem: `${JSON.stringify(router.management)} is no ssh address`,
        fix: "write it such as ssh://admin@192.168.254.1",
      })),
});
