import { parseCidr } from "../addresses/range";
import type { Stack } from "../config/schema";
import { contentHash } from "../content-hash";
import type { KubernetesObject } from "../kubernetes/object";
import { addressingOf } from "../plan/addressing";
import { hasFailureDomains } from "../bgp/nodes";
import {
  bootMacAnnotation,
  clusterLabel,
  hostFailureDomainLabel,
  nodeAddressAnnotation,
  poolLabel,
} from "../plan/labels";
import { managementMetadata } from "./metadata";

const infrastructure = "infrastructure.cluster.x-k8s.io/v1beta2";

/** The infrastructure half of the Cluster: the endpoint and the failure domains that hosts name. */
export function metal3Cluster(stack: Stack): KubernetesObject {
  const { host, port } = stack.kubernetes.endpoint;
  const domains = [...new Set(stack.hosts.flatMap(({ failureDomain }) => failureDomain ?? []))].sort();
  return {
    apiVersion: infrastructure,
    kind: "Metal3Cluster",
    metadata: managementMetadata(stack, stack.name),
    spec: {
      controlPlaneEndpoint: { host, port },
      cloudProviderEnabled: false,
      ...(domains.length === 0
        ? {}
        : { failureDomains: domains.map((name) => ({ name, controlPlane: true })) }),
    },
  };
}

/** The addresses for hosts without a fixed one; undefined when the stack has no pool. */
export function addressPool(stack: Stack): KubernetesObject | undefined {
  const pool = stack.network.addressPool;
  if (pool === undefined) return undefined;
  const name = addressPoolName(stack);
  return {
    apiVersion: "ipam.metal3.io/v1alpha1",
    kind: "IPPool",
    metadata: managementMetadata(stack, name),
    spec: {
      clusterName: stack.name,
      namePrefix: name,
      allocationStrategy: "sequential",
      pools: [{ start: pool.start, end: pool.end }],
      prefix: parseCidr(stack.network.nodes)?.prefix ?? 24,
      ...(stack.network.gateway === undefined ? {} : { gateway: stack.network.gateway }),
      ...(stack.network.dns.length === 0 ? {} : { dnsServers: stack.network.dns }),
    },
  };
}

/** What a machine learns about itself: its names, and its address where we know it. Immutable, so named by content. */
export function dataTemplate(stack: Stack, pool: string): KubernetesObject {
  const addressing = addressingOf(stack, pool);
  const poolRef = { name: addressPoolName(stack), apiGroup: "ipam.metal3.io", kind: "IPPool" };
  const spec = {
    metaData: {
      objectNames: ["name", "local-hostname", "local_hostname"].map((key) => ({ key, object: "machine" })),
      ...(addressing === "fixed"
        ? { fromAnnotations: [{ key: "nodeIP", object: "baremetalhost", annotation: nodeAddressAnnotation }] }
        : {}),
      ...(hasFailureDomains(stack, pool)
        ? { fromLabels: [{ key: "failureDomain", object: "baremetalhost", label: hostFailureDomainLabel }] }
        : {}),
      ...(addressing === "pool" ? { ipAddressesFromPool: [{ key: "nodeIP", ...poolRef }] } : {}),
    },
    ...(addressing === "pool" ? { networkData: pooledNetwork(stack) } : {}),
  };
  return {
    apiVersion: infrastructure,
    kind: "Metal3DataTemplate",
    metadata: managementMetadata(stack, `${stack.name}-${pool}-${contentHash(spec)}`),
    spec,
  };
}

function pooledNetwork(stack: Stack): unknown {
  const ipv6 = parseCidr(stack.network.nodes)?.family === 6;
  const pool = addressPoolName(stack);
  return {
    links: {
      ethernets: [
        {
          id: "nodes",
          type: "phy",
          macAddress: { fromAnnotation: { object: "baremetalhost", annotation: bootMacAnnotation } },
        },
      ],
    },
    networks: {
      [ipv6 ? "ipv6" : "ipv4"]: [
        {
          id: "nodes",
          link: "nodes",
          ipAddressFromIPPool: pool,
          ...(stack.network.gateway === undefined
            ? {}
            : { routes: [{ network: ipv6 ? "::" : "0.0.0.0", prefix: 0, gateway: { fromIPPool: pool } }] }),
        },
      ],
    },
    ...(stack.network.dns.length === 0 ? {} : { services: { dnsFromIPPool: pool } }),
  };
}

/**
 * How a pool's machines are made from hosts. Metal3 accepts edits of it in place and rolls nothing, so it is named by
 * the content of its machines: a change is a new template, and the new name is what rolls them. nodeReuse is read when a
 * machine goes, from the template that it came from: it changes in place, in an update before the rollout that needs it.
 */
export function machineTemplate(stack: Stack, pool: string, nodeReuse: boolean): KubernetesObject {
  const { url, checksum, checksumType, format } = stack.image;
  const template = {
    spec: {
      image: { url, checksum, checksumType, diskFormat: format },
      dataTemplate: { name: dataTemplate(stack, pool).metadata.name },
      hostSelector: { matchLabels: { [clusterLabel]: stack.name, [poolLabel]: pool } },
    },
  };
  return {
    apiVersion: infrastructure,
    kind: "Metal3MachineTemplate",
    metadata: managementMetadata(stack, `${stack.name}-${pool}-${contentHash(template)}`),
    spec: { nodeReuse, template },
  };
}

/**
 * Reboots an unhealthy machine. Metal3 counts repetitions: the first reboot is none of them, and its schema asks for one at
 * least (CAPM3 controllers/metal3remediation_controller.go, api/v1beta2/metal3remediation_types.go).
 */
export function remediationTemplate(
  stack: Stack,
  pool: string,
  reboots: number,
  timeoutSeconds: number,
): KubernetesObject {
  const strategy = { type: "Reboot", retryLimit: Math.max(1, reboots - 1), timeoutSeconds };
  return {
    apiVersion: infrastructure,
    kind: "Metal3RemediationTemplate",
    metadata: managementMetadata(stack, `${stack.name}-${pool}-reboot`),
    spec: { template: { spec: { strategy } } },
  };
}

/** Name of the IPPool of a stack that has one. */
export function addressPoolName(stack: Stack): string {
  return `${stack.name}-nodes`;
}
