import { field, number, type KubernetesObject } from "../../../model/kubernetes/object";
import type { ServerPort } from "../../context";
import { timestamp, withConditions, type Condition } from "../conditions";
import { hardwareOf } from "./hardware";
import { poweredOn, type HostError } from "./states";

/** The Secret that was tried, as BMO remembers it. */
export interface TriedCredentials {
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
}

/** The status patch that brings a host into a state; errors end with it. */
export function enterState(
  host: KubernetesObject,
  state: string,
  tried: TriedCredentials | undefined,
  ports: readonly ServerPort[],
  now: number,
): Record<string, unknown> {
  const at = timestamp(now);
  const image = ["provisioning", "provisioned"].includes(state)
    ? (field(host, "spec", "image") ?? null)
    : null;
  const inspected =
    ["preparing", "available"].includes(state) && field(host, "status", "hardware") === undefined;
  return {
    errorCount: 0,
    errorMessage: "",
    errorType: null,
    operationalStatus: "OK",
    poweredOn: poweredOn(host, state),
    hardwareProfile: "unknown",
    lastUpdated: at,
    ...(inspected ? { hardware: hardwareOf(host, ports) } : {}),
    provisioning: {
      ID: host.metadata.uid ?? "",
      state,
      bootMode: field(host, "spec", "bootMode") ?? "UEFI",
      image,
    },
    ...(tried === undefined ? {} : loggedIn(tried)),
    operationHistory: history(state, at),
    conditions: withConditions(host, conditionsOf(state), at),
  };
}

/** The status patch of one more failed try; the state stays. */
export function failed(
  host: KubernetesObject,
  error: HostError,
  tried: TriedCredentials | undefined,
  now: number,
): Record<string, unknown> {
  const at = timestamp(now);
  return {
    operationalStatus: "error",
    errorType: error.type,
    errorMessage: error.message,
    errorCount: (number(host, "status", "errorCount") ?? 0) + 1,
    lastUpdated: at,
    ...(tried === undefined ? {} : { triedCredentials: credentials(tried) }),
    conditions: withConditions(
      host,
      [
        ...(error.type === "registration error"
          ? [{ type: "Manageable", status: "False", reason: "RegistrationFailed" } as const]
          : []),
        { type: "Ready", status: "False", reason: "Error" },
      ],
      at,
    ),
  };
}

/** The status patch of a host that took a changed login and goes on as it was. */
export function loggedIn(tried: TriedCredentials): Record<string, unknown> {
  return { triedCredentials: credentials(tried), goodCredentials: credentials(tried) };
}

function credentials(tried: TriedCredentials): unknown {
  return { credentials: { name: tried.name, namespace: tried.namespace }, credentialsVersion: tried.version };
}

function history(state: string, at: string): Record<string, unknown> {
  const begins: Record<string, string> = {
    registering: "register",
    inspecting: "inspect",
    provisioning: "provision",
    deprovisioning: "deprovision",
  };
  const ends: Record<string, string> = {
    inspecting: "register",
    preparing: "inspect",
    provisioned: "provision",
  };
  const begun = begins[state];
  const ended = ends[state];
  return {
    ...(begun === undefined ? {} : { [begun]: { start: at, end: null } }),
    ...(ended === undefined ? {} : { [ended]: { end: at } }),
  };
}

const progress: Readonly<Record<string, string>> = {
  registering: "Registering",
  inspecting: "Inspecting",
  preparing: "Preparing",
  provisioning: "Provisioning",
  deprovisioning: "Deprovisioning",
  "powering off before delete": "PoweringOffBeforeDelete",
  deleting: "Deleting",
};

/** computeConditions of the operator (internal/controller/metal3.io/baremetalhost_controller.go). */
function conditionsOf(state: string): Condition[] {
  const of = (type: string, holds: boolean, reason: string): Condition => ({
    type,
    status: holds ? "True" : "False",
    reason,
  });
  const managed = !["", "registering", "unmanaged"].includes(state);
  const unmanaged = state === "registering" ? "Registering" : "NotManaged";
  const [available, provisioned] = [state === "available", state === "provisioned"];
  return [
    of("Manageable", managed, managed ? "Manageable" : unmanaged),
    of("AvailableForProvisioning", available, available ? "Available" : "NotAvailable"),
    of("Provisioned", provisioned, provisioned ? "Provisioned" : "NotProvisioned"),
    of("Ready", provisioned, provisioned ? "Provisioned" : "NotProvisioned"),
    of("Progressing", progress[state] !== undefined, progress[state] ?? "NotProgressing"),
    { type: "Healthy", status: "Unknown", reason: "Unknown" },
  ];
}
