import { resources } from "../../model/kubernetes/resources";
import * as o from "./objects";

/** The control plane's host while its BMC refuses the login in that version of its Secret. */
export const registering = (count: number, tried: string) =>
  o.host("cp1", {
    state: "registering",
    tried,
    error: { type: "registration error", count, message: "HTTP 401" },
  });
/** That Secret, in the version that is there now. */
export const login = (resourceVersion: string) =>
  o.object(resources.Secret, "cp1-bmc", { metadata: { resourceVersion } });
