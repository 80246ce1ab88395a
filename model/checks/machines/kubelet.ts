import { minorOf } from "../../kubernetes/version";
import type { Stack } from "../../stack/schema";
import { nearest } from "../../text/wording";
import { type Check, defineCheck } from "../check";
import { ofEachMachines } from "./cloud-init";

/** Flags of the kubelet of Kubernetes 1.36 on Linux (cmd/kubelet/app/options/options.go and component-base/logs). */
const kubeletFlags: readonly string[] = `
address allowed-unsafe-sysctls anonymous-auth authentication-token-webhook
authentication-token-webhook-cache-ttl authorization-mode authorization-webhook-cache-authorized-ttl
authorization-webhook-cache-unauthorized-ttl bootstrap-kubeconfig cert-dir cgroup-driver cgroup-root
cgroups-per-qos client-ca-file cloud-provider cluster-dns cluster-domain config config-dir
container-log-max-files container-log-max-size container-runtime-endpoint contention-profiling cpu-cfs-quota
cpu-cfs-quota-period cpu-manager-policy cpu-manager-policy-options cpu-manager-reconcile-period
enable-controller-attach-detach enable-debugging-handlers enable-server enforce-node-allocatable event-burst
event-qps eviction-hard eviction-max-pod-grace-period eviction-minimum-reclaim
eviction-pressure-transition-period eviction-soft eviction-soft-grace-period exit-on-lock-contention
experimental-allocatable-ignore-eviction experimental-mounter-path fail-cgroupv1 fail-swap-on feature-gates
file-check-frequency hairpin-mode healthz-bind-address healthz-port help hostname-override
http-check-frequency image-credential-provider-bin-dir image-credential-provider-config
image-gc-high-threshold image-gc-low-threshold image-service-endpoint kernel-memcg-notification
kube-api-burst kube-api-content-type kube-api-qps kube-reserved kube-reserved-cgroup kubeconfig
kubelet-cgroups local-storage-capacity-isolation lock-file log-flush-frequency log-json-info-buffer-size
log-json-split-stream log-text-info-buffer-size log-text-split-stream logging-format
make-iptables-util-chains manifest-url manifest-url-header max-open-files max-pods maximum-dead-containers
maximum-dead-containers-per-container memory-manager-policy minimum-container-ttl-duration
minimum-image-ttl-duration node-ip node-labels node-status-max-images node-status-update-frequency
oom-score-adj pod-cidr pod-manifest-path pod-max-pids pods-per-core port protect-kernel-defaults provider-id
qos-reserved read-only-port register-node register-with-taints registry-burst registry-qps reserved-cpus
reserved-memory resolv-conf root-dir rotate-certificates rotate-server-certificates runtime-cgroups
runtime-request-timeout seccomp-default serialize-image-pulls streaming-connection-idle-timeout
sync-frequency system-cgroups system-reserved system-reserved-cgroup tls-cert-file tls-cipher-suites
tls-min-version tls-private-key-file topology-manager-policy topology-manager-policy-options
topology-manager-scope v version vmodule volume-plugin-dir volume-stats-agg-period
`
  .trim()
  .split(/\s+/);

/** Flags in older guides, and the minor version of Kubernetes that removed them (its changelogs). */
const removedFlags: Readonly<Record<string, number>> = {
  "cni-bin-dir": 24,
  "cni-cache-dir": 24,
  "cni-conf-dir": 24,
  "docker-endpoint": 24,
  "dynamic-config-dir": 24,
  "image-pull-progress-deadline": 24,
  "network-plugin": 24,
  "network-plugin-mtu": 24,
  "container-runtime": 27,
  "master-service-namespace": 27,
  "pod-infra-container-image": 35,
};

/** Flags that this program or kubeadm sets; an argument would replace theirs. */
const reservedFlags: Readonly<Record<string, string>> = {
  "node-labels": "Metal3 finds the node by one of these labels; use labels of controlPlane and workers",
  "node-ip": "it differs on every machine; use hosts[].address or network.addressPool",
  "hostname-override": "the node is named after its machine",
  "provider-id": "Metal3 sets it, and a machine with another one is never ready",
  "register-with-taints": "use taints of workers",
  "register-node": "a machine that does not register is never ready",
  "cloud-provider": "it adds a taint that no controller removes",
  kubeconfig: "kubeadm sets it",
  "bootstrap-kubeconfig": "kubeadm sets it",
  config: "kubeadm sets it",
  "config-dir": "kubeadm's configuration would no longer be the kubelet's",
  "pod-manifest-path": "kubeadm puts the control plane there",
  "cluster-dns": "kubeadm derives it from network.services",
  "cluster-domain": "it is network.serviceDomain",
  "pod-cidr": "Kubernetes assigns it from network.pods",
  "manifest-url": "kubeadm puts the control plane elsewhere",
};

/** Fields of KubeletConfiguration of Kubernetes 1.36 (k8s.io/kubelet config/v1beta1/types.go). */
const configurationFields: readonly string[] = `
enableServer staticPodPath podLogsDir syncFrequency fileCheckFrequency httpCheckFrequency
staticPodURL staticPodURLHeader address port readOnlyPort tlsCertFile tlsPrivateKeyFile
tlsCipherSuites tlsCurvePreferences tlsMinVersion rotateCertificates serverTLSBootstrap
authentication authorization registryPullQPS registryBurst imagePullCredentialsVerificationPolicy
preloadedImagesVerificationAllowlist eventRecordQPS eventBurst enableDebuggingHandlers
enableContentionProfiling healthzPort healthzBindAddress oomScoreAdj clusterDomain clusterDNS
streamingConnectionIdleTimeout nodeStatusUpdateFrequency nodeStatusReportFrequency
nodeLeaseDurationSeconds imageMinimumGCAge imageMaximumGCAge imageGCHighThresholdPercent
imageGCLowThresholdPercent volumeStatsAggPeriod kubeletCgroups systemCgroups cgroupRoot
cgroupsPerQOS cgroupDriver cpuManagerPolicy singleProcessOOMKill cpuManagerPolicyOptions
cpuManagerReconcilePeriod memoryManagerPolicy topologyManagerPolicy topologyManagerScope
topologyManagerPolicyOptions qosReserved runtimeRequestTimeout hairpinMode maxPods podCIDR
podPidsLimit resolvConf runOnce cpuCFSQuota cpuCFSQuotaPeriod nodeStatusMaxImages maxOpenFiles
contentType kubeAPIQPS kubeAPIBurst serializeImagePulls maxParallelImagePulls evictionHard
evictionSoft evictionSoftGracePeriod evictionPressureTransitionPeriod evictionMaxPodGracePeriod
evictionMinimumReclaim mergeDefaultEvictionSettings podsPerCore enableControllerAttachDetach
protectKernelDefaults makeIPTablesUtilChains iptablesMasqueradeBit iptablesDropBit featureGates
failSwapOn memorySwap containerLogMaxSize containerLogMaxFiles containerLogMaxWorkers
containerLogMonitorInterval configMapAndSecretChangeDetectionStrategy systemReserved kubeReserved
reservedSystemCPUs showHiddenMetricsForVersion systemReservedCgroup kubeReservedCgroup
enforceNodeAllocatable allowedUnsafeSysctls volumePluginDir providerID kernelMemcgNotification
logging enableSystemLogHandler enableSystemLogQuery shutdownGracePeriod
shutdownGracePeriodCriticalPods shutdownGracePeriodByPodPriority crashLoopBackOff reservedMemory
enableProfilingHandler enableDebugFlagsHandler seccompDefault memoryThrottlingFactor
memoryReservationPolicy registerWithTaints registerNode tracing localStorageCapacityIsolation
containerRuntimeEndpoint imageServiceEndpoint failCgroupV1 userNamespaces
`
  .trim()
  .split(/\s+/);

/** Fields that kubeadm or this program decides. */
const reservedFields: Readonly<Record<string, string>> = {
  authentication: "the API server could no longer reach the kubelet",
  authorization: "the API server could no longer reach the kubelet",
  clusterDNS: "kubeadm derives it from network.services",
  clusterDomain: "it is network.serviceDomain",
  podCIDR: "Kubernetes assigns it from network.pods",
  providerID: "Metal3 sets it, and a machine with another one is never ready",
  registerNode: "a machine that does not register is never ready",
  registerWithTaints: "use taints of workers",
  rotateCertificates: "kubeadm sets it",
  staticPodPath: "kubeadm puts the control plane there",
};

/** Fields whose flags have other names than their own words (KubeletConfiguration of Kubernetes 1.36 and its flags). */
const flagsOfFields: Readonly<Record<string, string>> = {
  contentType: "kube-api-content-type",
  cpuCFSQuota: "cpu-cfs-quota",
  cpuCFSQuotaPeriod: "cpu-cfs-quota-period",
  eventRecordQPS: "event-qps",
  failCgroupV1: "fail-cgroupv1",
  imageGCHighThresholdPercent: "image-gc-high-threshold",
  imageGCLowThresholdPercent: "image-gc-low-threshold",
  imageMinimumGCAge: "minimum-image-ttl-duration",
  kubeAPIBurst: "kube-api-burst",
  kubeAPIQPS: "kube-api-qps",
  podPidsLimit: "pod-max-pids",
  registryPullQPS: "registry-qps",
  reservedSystemCPUs: "reserved-cpus",
  serverTLSBootstrap: "rotate-server-certificates",
  staticPodURL: "manifest-url",
  staticPodURLHeader: "manifest-url-header",
};

/** The flag of a field of KubeletConfiguration, `max-pods` of `maxPods`, whether or not the kubelet has it. */
function flagOf(field: string): string {
  return flagsOfFields[field] ?? field.replace(/[A-Z]+/g, (capitals) => `-${capitals.toLowerCase()}`);
}

/** A setting of the kubelet as it is in effect, by the name of its field: a flag wins over the configuration. */
export function kubeletSetting(
  { kubeletArguments, kubeletConfiguration }: Stack["machines"],
  field: string,
): { readonly key: string; readonly value: unknown } | undefined {
  const flag = flagOf(field);
  if (kubeletArguments[flag] !== undefined)
    return { key: `kubeletArguments.${flag}`, value: kubeletArguments[flag] };
  const value = kubeletConfiguration[field];
  return value === undefined ? undefined : { key: `kubeletConfiguration.${field}`, value };
}

/** Checks of the kubelet's arguments and configuration. */
export const kubeletChecks: readonly Check[] = [
  defineCheck({
    id: "machines/kubelet-arguments-spelt",
    summary: "Kubelet arguments are bare flag names.",
    why: "the kubelet exits at a flag that it cannot parse",
    run: ofEachMachines(({ machines }) =>
      Object.keys(machines.kubeletArguments).flatMap((name) =>
        /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)
          ? []
          : {
              at: `machines.kubeletArguments.${name}`,
              problem: `"${name}" is not the bare name of a flag`,
              fix: `write ${spelt(name)}`,
            },
      ),
    ),
  }),
  defineCheck({
    id: "machines/kubelet-arguments-known",
    summary: "Every kubelet argument is a flag of this Kubernetes version.",
    why: "the kubelet exits at an unknown flag, and no machine becomes a node",
    run: ofEachMachines(({ machines, kubernetes: { version } }) =>
      Object.keys(machines.kubeletArguments).flatMap((name) => {
        if (kubeletFlags.includes(name) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return [];
        const at = `machines.kubeletArguments.${name}`;
        const gone = removedFlags[name];
        if (gone !== undefined) {
          if (minorOf(version) < gone) return [];
          return [{ at, problem: `"${name}" was removed in Kubernetes 1.${gone}`, fix: "remove it" }];
        }
        const guess = nearest(name, kubeletFlags);
        return {
          at,
          problem: `the kubelet has no flag "${name}"`,
          fix: guess === undefined ? "remove it" : `did you mean ${guess}?`,
        };
      }),
    ),
  }),
  defineCheck({
    id: "machines/kubelet-arguments-free",
    summary: "No kubelet argument overrides a flag that this program or kubeadm sets.",
    why: "the flag would replace the one by which Cluster API finds the node, and no machine becomes ready",
    acceptable: false,
    run: ofEachMachines(({ machines }) =>
      Object.keys(machines.kubeletArguments).flatMap((name) => {
        const reason = reservedFlags[name];
        if (reason === undefined) return [];
        return {
          at: `machines.kubeletArguments.${name}`,
          problem: `"${name}" is reserved: ${reason}`,
          fix: "remove it",
        };
      }),
    ),
  }),
  defineCheck({
    id: "machines/kubelet-configuration-known",
    summary:
      "The kubelet's configuration has fields that the kubelet knows and that are not decided elsewhere, each said once.",
    why: "the kubelet ignores a field that it does not know, and a field that kubeadm relies on keeps the machine from becoming a node",
    run: ofEachMachines(({ machines: { kubeletConfiguration, kubeletArguments } }) =>
      Object.keys(kubeletConfiguration).flatMap((field) => {
        const at = `machines.kubeletConfiguration.${field}`;
        const reason = reservedFields[field];
        if (reason !== undefined)
          return { at, problem: `"${field}" is decided elsewhere`, fix: `remove it: ${reason}` };
        const flag = flagOf(field);
        if (flag in kubeletArguments)
          return {
            at,
            problem: `machines.kubeletArguments has ${flag} as well, which wins`,
            fix: "keep one of the two",
          };
        if (configurationFields.includes(field)) return [];
        const guess = nearest(field, configurationFields);
        return {
          at,
          problem: `"${field}" is not a field of KubeletConfiguration`,
          fix: guess === undefined ? "remove it" : `did you mean "${guess}"?`,
          ...(guess === undefined ? {} : { write: guess, on: "key" as const }),
        };
      }),
    ),
  }),
];

/** `--maxPods=` as `max-pods`. */
function spelt(name: string): string {
  return name
    .replace(/=.*$/, "")
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
