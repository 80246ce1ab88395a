import { bootsOverNetwork } from "../../stack/bmc";
import type { Host, Stack } from "../../stack/schema";
import { contentHash } from "../../kubernetes/content";
import type { BareMetalHost } from "../../kubernetes/metal3";
import { type KubernetesObject, defined } from "../../kubernetes/object";
import { contracts } from "../../kubernetes/resources";
import { addressingOf, isInService } from "../../stack/addressing";
import {
  bootMacAnnotation,
  hostFailureDomainLabel,
  networkAnnotation,
  nodeAddressAnnotation,
  poolLabel,
  portMacAnnotation,
  secondaryAddressAnnotation,
} from "../../kubernetes/labels";
import type { HostsPlan, PlannedSecret } from "../plan";
import { managementMetadata } from "./metadata";
import { installerNetwork, installerNetworkData, networkData } from "./network-data";

/**
 * Fields of a planned object that are ours to set once only: Metal3 switches hosts on and off when it gives them to a machine
 * and takes them back. A host that is out of service it leaves alone.
 */
export function fieldsOfMetal3({ kind, metadata }: KubernetesObject): readonly string[] {
  return kind === "BareMetalHost" && metadata.labels?.[poolLabel] !== undefined ? ["spec.online"] : [];
}

/** The inventory's objects: a login Secret and a network Secret per host, and the BareMetalHost. */
export function planHosts(stack: Stack): HostsPlan {
  return {
    secrets: stack.hosts.flatMap((host, i) => [...credentials(stack, host, i), ...network(stack, host)]),
    hosts: stack.hosts.map((host) => bareMetalHost(stack, host)),
  };
}

function credentials(stack: Stack, host: Host, index: number): PlannedSecret[] {
  const manifest = secret(stack, loginSecretName(host));
  const copyOf = existingSecretOf(stack, host);
  if (copyOf !== undefined) return [{ manifest, text: {}, secret: {}, copyOf, heldByHost: true }];
  const own = host.bmc.password !== undefined;
  return [
    {
      manifest,
      text: { username: host.bmc.username ?? stack.bmc.username ?? "" },
      secret: { password: own ? `hosts[${index}].bmc.password` : "bmc.password" },
      heldByHost: true,
    },
  ];
}

/**
 * The Secret of the user that holds a host's BMC login; undefined when the stack file holds it. The host never refers to it
 * itself: the operator makes its hosts the owners of their login Secrets, and with the last of them the garbage collector
 * deletes it (baremetal-operator pkg/secretutils/secret_manager.go).
 */
export function existingSecretOf(stack: Stack, host: Host): string | undefined {
  if (host.bmc.existingSecret !== undefined) return host.bmc.existingSecret;
  return host.bmc.password === undefined ? stack.bmc.existingSecret : undefined;
}

function loginSecretName(host: Host): string {
  return `${host.name}-bmc`;
}

/** The network of the installed system, and that of the installer where it is another one. */
function network(stack: Stack, host: Host): PlannedSecret[] {
  const installer = installerSecret(stack, host);
  const networkSecret = (name: string, data: unknown) => ({
    manifest: secret(stack, name),
    text: { networkData: JSON.stringify(data) },
    secret: {},
  });
  return [
    ...(addressingOf(stack, host.pool) === "pool"
      ? []
      : [networkSecret(networkSecretName(host), networkData(stack, host))]),
    ...(installer?.data === undefined ? [] : [networkSecret(installer.name, installer.data)]),
  ];
}

/** The names of the Secrets that a host has in the management cluster. */
export function hostSecretNames(stack: Stack, host: Host): readonly string[] {
  return [loginSecretName(host), ...network(stack, host).map(({ manifest }) => manifest.metadata.name)];
}

function networkSecretName(host: Host): string {
  return `${host.name}-network`;
}

/**
 * The Secret with the installer's network, undefined where the installer uses DHCP; without data where it is the user's,
 * or the machine's own, which serves both where the host has the booting port alone. Metal3 holds it with a finalizer
 * until the host is deleted, and does not own it (baremetal-operator v0.14
 * internal/controller/metal3.io/host_config_data.go), so it is deleted after its host.
 */
function installerSecret(stack: Stack, host: Host): { name: string; data?: unknown } | undefined {
  const { preprovisioningNetworkDataName: given, bonds, vlans, networks } = host;
  if (given !== undefined) return { name: given };
  // Over the network it is DHCP that makes the installer boot.
  if (stack.network.installer !== "static" || bootsOverNetwork(host.bmc.address)) return undefined;
  const found = installerNetwork(stack, host);
  if (found === undefined) return undefined;
  if (bonds.length === 0 && vlans.length === 0 && networks.length === 0)
    return { name: networkSecretName(host) };
  return { name: `${host.name}-installer-network`, data: installerNetworkData(host, found) };
}

function secret(stack: Stack, name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Secret", metadata: managementMetadata(stack, name), type: "Opaque" };
}

/** Only what is ours to say: image, userData, consumerRef and the rest belong to Metal3. */
function bareMetalHost(stack: Stack, host: Host): BareMetalHost {
  const addressing = addressingOf(stack, host.pool);
  const installer = installerSecret(stack, host)?.name;
  const annotations: Record<string, string> = { [bootMacAnnotation]: host.mac.toLowerCase() };
  if (addressing === "fixed" && host.address !== undefined) {
    annotations[nodeAddressAnnotation] = host.address;
    if (host.secondaryAddress !== undefined) {
      annotations[secondaryAddressAnnotation] = host.secondaryAddress;
    }
  }
  if (addressing === "pool") {
    for (const { name, mac } of host.links) annotations[portMacAnnotation(name)] = mac.toLowerCase();
  } else {
    annotations[networkAnnotation] = contentHash(networkData(stack, host));
  }
  const labels: Record<string, string> = { ...host.labels };
  // Machines select hosts by the label. An available host is taken though it is off (CAPM3 v1.14
  // baremetal/metal3machine_manager.go, chooseHost), so one that is out of service has none.
  if (isInService(host)) labels[poolLabel] = host.pool;
  else annotations[poolLabel] = host.pool;
  if (host.failureDomain !== undefined) {
    labels[hostFailureDomainLabel] = host.failureDomain;
  }
  return {
    apiVersion: contracts.metal3,
    kind: "BareMetalHost",
    metadata: managementMetadata(stack, host.name, { labels, annotations }),
    spec: {
      online: host.online,
      ...(host.externallyProvisioned ? { externallyProvisioned: true } : {}),
      bootMACAddress: host.mac.toLowerCase(),
      bootMode: host.bootMode,
      automatedCleaningMode: host.cleaning,
      bmc: {
        address: host.bmc.address,
        credentialsName: loginSecretName(host),
        // Left out where it is false: the operator rewrites the host without its zero values, which would look like drift.
        ...(host.bmc.verifyCertificate ? {} : { disableCertificateVerification: true }),
      },
      ...defined({
        rootDeviceHints: host.rootDeviceHints,
        raid: host.raid,
        architecture: host.architecture,
        description: host.description,
      }),
      ...(addressing === "pool"
        ? {}
        : { networkData: { name: networkSecretName(host), namespace: stack.management.namespace } }),
      ...(installer === undefined ? {} : { preprovisioningNetworkDataName: installer }),
    },
  };
}
