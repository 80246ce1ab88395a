import type { Host, Stack } from "../config/schema";
import { contentHash } from "../content-hash";
import type { KubernetesObject } from "../kubernetes/object";
import { addressingOf } from "../plan/addressing";
import {
  bootMacAnnotation,
  hostFailureDomainLabel,
  networkAnnotation,
  nodeAddressAnnotation,
  poolLabel,
} from "../plan/labels";
import type { HostsPlan, PlannedSecret } from "../plan/plan";
import { managementMetadata } from "./metadata";
import { networkData } from "./network-data";

/** Fields of a BareMetalHost that are ours to set once only: Metal3 switches hosts on and off. */
export const hostFieldsOfMetal3: readonly string[] = ["spec.online"];

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

function network(stack: Stack, host: Host): PlannedSecret[] {
  if (addressingOf(stack, host.pool) !== "fixed") return [];
  return [
    {
      manifest: secret(stack, `${host.name}-network`),
      text: { networkData: JSON.stringify(networkData(stack, host)) },
      secret: {},
    },
  ];
}

function secret(stack: Stack, name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Secret", metadata: managementMetadata(stack, name), type: "Opaque" };
}

/** Only what is ours to say: image, userData, consumerRef and the rest belong to Metal3. */
function bareMetalHost(stack: Stack, host: Host): KubernetesObject {
  const fixed = addressingOf(stack, host.pool) === "fixed";
  const annotations: Record<string, string> = { [bootMacAnnotation]: host.mac.toLowerCase() };
  if (fixed && host.address !== undefined) {
    annotations[nodeAddressAnnotation] = host.address;
    annotations[networkAnnotation] = contentHash(networkData(stack, host));
  }
  const labels: Record<string, string> = { ...host.labels, [poolLabel]: host.pool };
  if (host.failureDomain !== undefined) {
    labels[hostFailureDomainLabel] = host.failureDomain;
  }
  return {
    apiVersion: "metal3.io/v1alpha1",
    kind: "BareMetalHost",
    metadata: managementMetadata(stack, host.name, { labels, annotations }),
    spec: {
      online: true,
      bootMACAddress: host.mac.toLowerCase(),
      bootMode: host.bootMode,
      automatedCleaningMode: host.cleaning,
      bmc: {
        address: host.bmc.address,
        credentialsName: loginSecretName(host),
        // Left out where it is false: the operator rewrites the host without its zero values, which would look like drift.
        ...(host.bmc.verifyCertificate ? {} : { disableCertificateVerification: true }),
      },
      ...(host.rootDeviceHints === undefined ? {} : { rootDeviceHints: host.rootDeviceHints }),
      ...(fixed
        ? { networkData: { name: `${host.name}-network`, namespace: stack.management.namespace } }
        : {}),
    },
  };
}
