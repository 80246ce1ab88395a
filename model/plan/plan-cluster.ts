import { ciliumValues, replacesKubeProxy } from "./cilium-values";
import { UnparsedValueError } from "../stack/partial-stack";
import { apiHost, isInService } from "../stack/addressing";
import { defined } from "../kubernetes/object";
import type { Stack } from "../stack/schema";
import { bgpSecretsNamespace, planBgp } from "./manifests/bgp";
import { planWorkloadCluster } from "./manifests/cluster";
import { planHosts } from "./manifests/hosts";
import { planLoadBalancer } from "./manifests/load-balancer";
import { planResourceSet } from "./manifests/resource-set";
import { ciliumBgp } from "../bgp/endpoint";
import { routerConfigurations } from "../bgp/router/frr";
import { routerShares } from "../bgp/router/router-share";
import type { ClusterReadinessPlan, ExpectedHost } from "./readiness";
import { deploymentsOf, leastWorkers, machineCount } from "./machines";
import { controlPlanePool } from "../kubernetes/labels";
import { type CiliumPlan, type ClusterPlan, type ResourceSetPlan, PlanRefused } from "./plan";
import { hostPort } from "../net/addresses";

/** CRDs that Cilium's operator registers when BGP is on, and that the BGP step needs. */
const bgpDefinitions = [
  "ciliumbgpadvertisements.cilium.io",
  "ciliumbgpclusterconfigs.cilium.io",
  "ciliumbgpnodeconfigoverrides.cilium.io",
  "ciliumbgpnodeconfigs.cilium.io",
  "ciliumbgppeerconfigs.cilium.io",
  "ciliumloadbalancerippools.cilium.io",
];

/** The same for addresses that are announced without BGP. */
const loadBalancerDefinitions = [
  "ciliuml2announcementpolicies.cilium.io",
  "ciliumloadbalancerippools.cilium.io",
];

/**
 * Decides everything about a stack that has passed its checks. Pure: the same stack gives the same plan. Throws an
 * {@link PlanRefused} where a value fits no object or no line of a router.
 */
export function planCluster(stack: Stack): ClusterPlan {
  try {
    return planned(stack);
  } catch (error) {
    if (error instanceof UnparsedValueError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new PlanRefused(`stack ${stack.name} passes its checks and cannot be planned: ${why}`, {
      cause: error,
    });
  }
}

function planned(stack: Stack): ClusterPlan {
  const values = ciliumValues(stack);
  const kubeProxyReplacement = replacesKubeProxy(values);
  const resourceSet = planResourceSet(stack);
  const readiness = planReadiness(stack, resourceSet);
  const bgp = ciliumBgp(stack);
  const routers = stack.bgp === undefined ? [] : routerShares(stack, stack.bgp);
  return {
    name: stack.name,
    namespace: stack.management.namespace,
    endpointUrl: `https://${hostPort({ host: apiHost(stack), port: stack.kubernetes.endpoint.port })}`,
    protect: stack.protect,
    management: {
      context: stack.management.context,
      offlinePreview: stack.management.offlinePreview,
      ...(stack.management.kubeconfig === undefined ? {} : { kubeconfig: stack.management.kubeconfig }),
    },
    cilium: planCilium(stack, values, kubeProxyReplacement),
    resourceSet,
    hosts: planHosts(stack),
    cluster: planWorkloadCluster(stack, kubeProxyReplacement),
    readiness,
    controlPlaneFirst: controlPlaneOnly(readiness),
    ...(bgp === undefined ? {} : { bgp: planBgp(stack, bgp, values) }),
    ...(stack.loadBalancer === undefined ? {} : { loadBalancer: planLoadBalancer(stack.loadBalancer) }),
    routers,
    routerConfigurations: routerConfigurations(routers),
    timeouts: stack.timeouts,
  };
}

/** What must be true before the cluster counts as ready, all but the workloads of a manifest that is not rendered yet. */
function planReadiness(stack: Stack, { resourceSet, payload }: ResourceSetPlan): ClusterPlan["readiness"] {
  const { endpoint } = stack.kubernetes;
  return {
    subject: "cluster",
    cluster: stack.name,
    namespace: stack.management.namespace,
    endpoint: { host: endpoint.host, port: endpoint.port },
    hosts: expectedHosts(stack),
    controlPlane: { replicas: stack.controlPlane.replicas },
    workerPools: stack.workers.flatMap((pool) =>
      deploymentsOf(stack, pool).map(({ name, failureDomain, least, replicas }) => ({
        name: pool.name,
        machineDeployment: name,
        replicas: least,
        ...(pool.autoscaling === undefined ? {} : { most: replicas }),
        ...defined({ failureDomain }),
      })),
    ),
    resourceSet: {
      name: resourceSet.metadata.name,
      resources: [{ kind: "ConfigMap", name: payload.metadata.name }],
    },
    customResourceDefinitions: [
      ...new Set([
        ...(ciliumBgp(stack) === undefined ? [] : bgpDefinitions),
        ...(stack.loadBalancer === undefined ? [] : loadBalancerDefinitions),
      ]),
    ],
    steadySeconds: 5,
    timeoutSeconds: stack.timeouts.ready * 60 - 30,
  };
}

/** The hosts in service, with the failure domain where their pool is spread over several. */
function expectedHosts(stack: Stack): readonly ExpectedHost[] {
  const spread = new Set(
    stack.workers.flatMap(({ name, failureDomains }) => (failureDomains.length > 0 ? [name] : [])),
  );
  return stack.hosts.filter(isInService).map(({ name, pool, failureDomain }) => ({
    name,
    pool,
    ...(spread.has(pool) ? defined({ failureDomain }) : {}),
  }));
}

/** The same for the control plane alone: its hosts, and nothing that needs workers. */
function controlPlaneOnly(readiness: ClusterPlan["readiness"]): ClusterReadinessPlan {
  return {
    ...readiness,
    subject: "control-plane",
    hosts: readiness.hosts.filter(({ pool }) => pool === controlPlanePool),
    workerPools: [],
    workloads: [],
    customResourceDefinitions: [],
  };
}

function planCilium(stack: Stack, values: CiliumPlan["values"], kubeProxyReplacement: boolean): CiliumPlan {
  const { name, cilium, network, kubernetes, image, controlPlane, workers } = stack;
  const least = leastWorkers(stack);
  const most = machineCount(stack) - controlPlane.replicas;
  return {
    version: cilium.version,
    values,
    lifecycle: cilium.lifecycle,
    endpoint: { host: kubernetes.endpoint.host, port: kubernetes.endpoint.port },
    kubeProxyReplacement,
    ...(cilium.chartDirectory === undefined ? {} : { chartDirectory: cilium.chartDirectory }),
    clusterName: name,
    network: { nodes: network.nodes, pods: network.pods, services: network.services },
    routing: {
      mode: cilium.routingMode,
      tunnelProtocol: cilium.tunnelProtocol,
      autoDirectNodeRoutes: cilium.autoDirectNodeRoutes,
    },
    machines: {
      controlPlane: controlPlane.replicas,
      workers: least,
      ...(most === least ? {} : { mostWorkers: most }),
    },
    nodeTaints: [...new Set(workers.flatMap(({ taints }) => taints.map(({ key }) => key)))],
    cniBinaryPath: image.cniBinaryPath,
    ...(ciliumBgp(stack) === undefined ? {} : { bgp: { secretsNamespace: bgpSecretsNamespace(values) } }),
  };
}
