import { BgpControlPlane } from "./components/bgp-control-plane";
import { CiliumLifecycle } from "./components/cilium-lifecycle";
import { CiliumManifest, CiliumResourceSet, renderCilium } from "./components/cilium-manifest";
import { ClusterReadiness } from "./components/cluster-readiness";
import { HostInventory } from "./components/host-inventory";
import { livePreflight } from "./components/live-preflight";
import { LoadBalancer } from "./components/load-balancer";
import { loadStack } from "./components/load-stack";
import { managementCluster, requireManagementContext } from "./components/management-cluster";
import { RunMemory } from "./components/run-memory";
import { WorkloadAccess } from "./components/workload-access";
import { WorkloadCluster } from "./components/workload-cluster";

/** One stack is one cluster; this is the order in which it is made. */
export = async () => {
  const { stack, plan, secret, reveal } = loadStack(); // every problem at once, or a plan
  requireManagementContext(plan);
  const memory = RunMemory.ofThisRun();
  const rendering = renderCilium(plan.cilium, reveal, memory);
  const rights = await livePreflight(stack, plan, rendering, memory);
  const render = await rendering;

  const management = managementCluster(plan);
  const onManagement = { providers: [management] };
  const manifest = new CiliumManifest("cilium", { plan: plan.cilium, render, reveal });
  const addon = new CiliumResourceSet("cilium", { plan: plan.resourceSet, render, manifest }, onManagement);
  const hosts = new HostInventory("hosts", { plan, secret, rights }, onManagement);
  const workload = new WorkloadCluster(plan.name, { plan, secret, dependsOn: [addon, hosts] }, onManagement);
  const readiness = new ClusterReadiness("ready", { plan, render, workload }, onManagement);
  const access = new WorkloadAccess("workload", { plan, workload, readiness, management, rights });
  const cilium = new CiliumLifecycle("cilium-owner", { plan, render, addon, access, workload });
  const dependsOn = [readiness.command, ...cilium.rolledOut];
  const { bgp, loadBalancer } = plan;
  if (bgp !== undefined)
    new BgpControlPlane("bgp", { plan, bgp, render, secret, access, workload, management, dependsOn });
  if (loadBalancer !== undefined)
    new LoadBalancer("load-balancer", { loadBalancer, access, workload, dependsOn });

  return {
    cluster: plan.name,
    endpoint: plan.endpointUrl,
    kubeconfig: access.kubeconfig,
    manifestHash: render.hash,
    routers: plan.routerConfigurations,
    timeline: readiness.timeline,
  };
};
