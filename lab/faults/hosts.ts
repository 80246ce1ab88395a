import { type Fault, type FaultContext, workerHost } from "./fault";
import { resources } from "../../model/kubernetes/resources";

type HostFault = Parameters<FaultContext["hostFaults"]["activate"]>[0];

/** Starts and ends a fault of the simulated hosts: of the worker's host, or of every host. */
function hostFault(kind: HostFault["kind"], which: "worker" | "every"): Pick<Fault, "inject" | "repair"> {
  return {
    inject: async (stage) =>
      stage.hostFaults.activate(which === "worker" ? { kind, host: workerHost(stage) } : { kind }),
    repair: async (stage) => stage.hostFaults.clear(kind),
  };
}

/** The wait must fail with this cause after three refused logins: some BMCs lock the account after a few more. */
export const bmcPassword: Fault = {
  name: "bmc-password",
  breaks: "a BMC refuses the password of the worker's host",
  during: "up",
  when: "before",
  ...hostFault("bmc-password", "worker"),
  mustEnd: { as: "failure", withinSeconds: 120, printing: [/hosts\/bmc-credentials-refused/] },
};

/**
 * A BMC that does not answer and is then repaired, without any change of its login: the next `up` must have it tried again
 * at once, and not end on the old error or wait for the operator's growing pauses.
 */
export const bmcSilent: Fault = {
  name: "bmc-silent",
  breaks: "the BMC of the worker does not answer, and is repaired after the first `up`",
  during: "up",
  when: "before",
  ...hostFault("bmc-silent", "worker"),
  mustEnd: { as: "failure", withinSeconds: 240, printing: [/hosts\/registration-failed/] },
};

/** A BMC hangs while its host is wiped: destroy must wait for it, not leave the host behind. */
export const bmcHangsDeprovisioning: Fault = {
  name: "bmc-hangs-deprovisioning",
  breaks: "the BMC of the worker's host hangs for 20 s while it deprovisions",
  during: "destroy",
  when: "before",
  ...hostFault("bmc-hangs-deprovisioning", "worker"),
  recoversAfterSeconds: 20,
  mustEnd: { as: "success", withinSeconds: 180, notBeforeSeconds: 20, printing: [] },
};

const mark = (stage: FaultContext, value: string | null) =>
  stage.management.mergePatch(resources.BareMetalHost, workerHost(stage), stage.namespace, {
    metadata: { annotations: { "capm3.metal3.io/unhealthy": value } },
  });

/** Metal3 finds no host for the worker, because the only one is marked unhealthy. */
export const noHostMatches: Fault = {
  name: "no-host-matches",
  breaks: "the worker's host is marked unhealthy, so that Metal3 finds none",
  during: "up",
  when: { once: "metal3cluster-provisioned" },
  inject: async (stage) => void (await mark(stage, "")),
  repair: async (stage) => void (await mark(stage, null)),
  mustEnd: { as: "failure", withinSeconds: 240, printing: [/hosts\/none-matches/] },
};

/** Every host writes an image whose checksum is not the one in the stack file. */
export const imageChecksum: Fault = {
  name: "image-checksum",
  breaks: "the image's checksum does not match",
  during: "up",
  when: "before",
  ...hostFault("image-checksum", "every"),
  mustEnd: { as: "failure", withinSeconds: 180, printing: [/hosts\/image-checksum-mismatch/] },
};

/** No disk fits: the operator cleans the host after each write and counts its errors from the beginning; we count the writes. */
export const imageWriteFails: Fault = {
  name: "image-write-fails",
  breaks: "the image cannot be written to the worker's disk, time and again",
  during: "up",
  when: "before",
  ...hostFault("image-write", "worker"),
  mustEnd: { as: "failure", withinSeconds: 300, printing: [/hosts\/provisioning-failed/, /3 times/] },
};
