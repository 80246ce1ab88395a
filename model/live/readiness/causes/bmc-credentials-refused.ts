import { text } from "../../../kubernetes/object";
import { clusterRule } from "../cause";
import { failingRegistration, quoted, refusesLogin } from "./host-error";

/** The BMC says that user name or password are wrong. */
export const bmcCredentialsRefused = clusterRule({
  id: "hosts/bmc-credentials-refused",
  why: "The same login gives the same answer, and some BMCs lock the account after a few more tries.",
  graceSeconds: 0,
  find: (situation) =>
    failingRegistration(situation)
      .filter((state) => refusesLogin(state.error))
      .map((state) => ({
        object: `BareMetalHost/${state.name}`,
        who: state.name,
        problem: `the BMC refuses user or password (${state.error.count} tries)`,
        evidence: `${text(state.host, "spec", "bmc", "address") ?? "the BMC"}: ${quoted(state.error)}`,
        fix: `set the right BMC credentials of host ${state.name} in the stack's configuration, then run pulumi up again`,
      })),
});
