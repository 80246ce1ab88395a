import { bmcDriverOf } from "../../../model/stack/bmc";
import {
  field,
  text,
  type KubernetesObject,
  type OwnerReference,
  type ResourceType,
} from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import { ownerReference, plainOwnerReference } from "../metal3/owner";
import type { World } from "../store";
import { hardwareOf } from "./hardware";

/** Holds what inspection found until the host goes. */
export const HARDWARE_FINALIZER = "baremetalhost.metal3.io/hardwareData";

const firmware = (kind: string, plural: string): ResourceType => ({
  apiVersion: "metal3.io/v1alpha1",
  kind,
  plural,
  namespaced: true,
});

const HostFirmwareSettings = firmware("HostFirmwareSettings", "hostfirmwaresettings");
const HostFirmwareComponents = firmware("HostFirmwareComponents", "hostfirmwarecomponents");

/** Kinds of which each host has an object of its name, besides {@link resources.HardwareData}. */
export const FIRMWARE_KINDS: readonly ResourceType[] = [HostFirmwareSettings, HostFirmwareComponents];

const blocking = (host: KubernetesObject) => ({ ...ownerReference(host), blockOwnerDeletion: true });

/**
 * What the operator makes for a host when it has registered (v0.13 internal/controller/metal3.io/baremetalhost_controller.go):
 * its firmware's settings, and where the BMC can update firmware its components. Nothing but the host holds them.
 */
export async function createFirmwareObjects(world: World, host: KubernetesObject): Promise<void> {
  const { name, namespace = "" } = host.metadata;
  const make = ({ apiVersion, kind, ...type }: ResourceType, owner: OwnerReference, spec: unknown) =>
    world.create(
      { apiVersion, kind, ...type },
      { apiVersion, kind, metadata: { name, namespace, ownerReferences: [owner] }, spec },
    );
  await make(HostFirmwareSettings, blocking(host), { settings: {} });
  // Ironic updates firmware over Redfish alone.
  if (bmcDriverOf(text(host, "spec", "bmc", "address") ?? "")?.redfish === true)
    await make(HostFirmwareComponents, plainOwnerReference(host), { updates: [] });
}

/** What inspection found, kept apart from the host's status too. */
export async function createHardwareData(world: World, host: KubernetesObject): Promise<void> {
  await world.create(resources.HardwareData, {
    apiVersion: resources.HardwareData.apiVersion,
    kind: resources.HardwareData.kind,
    metadata: {
      name: host.metadata.name,
      namespace: host.metadata.namespace ?? "",
      finalizers: [HARDWARE_FINALIZER],
      ownerReferences: [blocking(host)],
    },
    spec: { hardware: field(host, "status", "hardware") ?? hardwareOf(host) },
  });
}

/** A host that is deleted gives it free at once, also a detached one; the garbage collector removes it after the host. */
export async function releaseHardwareData(world: World, { metadata }: KubernetesObject): Promise<void> {
  const data = world.get(resources.HardwareData, metadata.name, metadata.namespace);
  if (data !== undefined) await world.setFinalizer(resources.HardwareData, data, HARDWARE_FINALIZER, false);
}
