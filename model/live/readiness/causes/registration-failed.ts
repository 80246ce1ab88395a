import { text } from "../../../kubernetes/object";
import { clusterRule } from "../cause";
import { failingRegistration, quoted, refusesLogin } from "./host-error";

/** The BMC cannot be used, for another reason than the login. */
export const registrationFailed = clusterRule({
  id: "hosts/registration-failed",
  why: "Three tries with growing pauses between them met the same error, so it is not a BMC that was just restarting.",
  graceSeconds: 0,
  find: (situation) =>
    failingRegistration(situation)
      .filter((state) => !refusesLogin(state.error))
      .map((state) => ({
        object: `BareMetalHost/${state.name}`,
        who: state.name,
        problem: `the host cannot be registered: ${state.error.message}`,
        evidence: `${text(state.host, "spec", "bmc", "address") ?? "no BMC address"}: ${quoted(state.error)}`,
        fix: `check BMC address, scheme and network of host ${state.name} from the management cluster, then run pulumi up again`,
      })),
});
