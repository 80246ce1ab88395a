import { field, number, type KubernetesObject } from "../../../model/kubernetes/object";
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
    lastUpdated: at,
    ...(inspected ? { hardware: hardwareOf(host) } : {}),
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
          ? [
              {
                type: "Manageable",
                status: "False",
                reason: "RegistrationError",
                message: error.message,
              } as const,
            ]
          : []),
        { type: "Healthy", status: "False", reason: "Error", message: error.message },
        { type: "Ready", status: "False", reason: "Error", message: error.message },
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

function conditionsOf(state: string): Condition[] {
  const managed = !["", "registering", "unmanaged"].includes(state);
  const provisioned = state === "provisioned";
  const progressing = !["available", "provisioned", "unmanaged"].includes(state);
  return [
    {
      type: "Manageable",
      status: managed ? "True" : "False",
      reason: managed ? "Registered" : "NotRegistered",
    },
    {
      type: "AvailableForProvisioning",
      status: state === "available" ? "True" : "False",
      reason: state === "available" ? "Available" : provisioned ? "Provisioned" : "NotAvailable",
    },
    {
      type: "Provisioned",
      status: provisioned ? "True" : "False",
      reason: provisioned ? "Provisioned" : "NotProvisioned",
    },
    {
      type: "Progressing",
      status: progressing ? "True" : "False",
      reason: progressing ? "InProgress" : "Idle",
    },
    { type: "Healthy", status: "True", reason: "Healthy" },
    {
      type: "Ready",
      status: provisioned ? "True" : "False",
      reason: provisioned ? "Provisioned" : "NotProvisioned",
    },
  ];
}
