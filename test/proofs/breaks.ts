import type { CiliumPlan } from "../../model/plan/plan";
import type { EditableRender, Json } from "./editable";

/** One way to break exactly one proof: in the parsed render or in its text, and in the plan where the two must agree. */
export interface Break {
  readonly objects?: (render: EditableRender) => void;
  readonly text?: (rendered: string) => string;
  readonly plan?: (plan: CiliumPlan) => Partial<CiliumPlan>;
}

const host = "KUBERNETES_SERVICE_HOST";
const port = "KUBERNETES_SERVICE_PORT";

function objects(change: (render: EditableRender) => void): Break {
  return { objects: change };
}

function config(key: string, value: string | undefined): Break {
  return { objects: (render) => render.config(key, value) };
}

function added(...documents: Json[]): Break {
  return { objects: (render) => render.add(...documents) };
}

function inNamespace(kind: string, name: string, namespace = "kube-system"): Json {
  return { apiVersion: "v1", kind, metadata: { name, namespace } };
}

/** A separator becomes an end mark: YAML still reads two documents there, Cluster API's reader only the first. */
function endMark(rendered: string): string {
  return rendered.replace("\n---\n# Source: cilium/templates/cilium-agent/clusterrole.yaml", "\n...\n");
}

/** Proof to the ways to break it, by what happened, as test titles say it. */
export const breaks: Readonly<Record<string, Readonly<Record<string, Break>>>> = {
  "render/yaml-readable": {
    "a tab in the indentation": {
      text: (text) => text.replace("  namespace: kube-system", "\t\tnamespace: x"),
    },
  },
  "render/keys-unique": {
    "extraConfig repeats a key": { text: (text) => text.replace(/^( {2}cni-exclusive: .*)$/m, "$1\n$1") },
  },
  "render/documents-separated": {
    "an end mark instead of a separator": { text: endMark },
    "an object on the separator's line": {
      text: (text) =>
        `${text.trimEnd()}\n--- {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: kube-system}}\n`,
    },
  },
  "render/fits-configmap": {
    "a megabyte of comments": { text: (text) => `${text}# ${"x".repeat(1_100_000)}\n` },
  },
  "render/no-secrets": { "Hubble's certificates by Helm": added(inNamespace("Secret", "cilium-ca")) },
  "render/no-private-keys": {
    "a key in PEM form in a ConfigMap": objects((render) =>
      render.add({
        ...inNamespace("ConfigMap", "certificates"),
        data: { "ca.pem": "-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----" },
      }),
    ),
    "a file called like a key": objects((render) =>
      render.add({ ...inNamespace("ConfigMap", "certificates"), data: { "tls.key": "x" } }),
    ),
  },
  "render/objects-named": {
    "a ConfigMap without a name": added({ apiVersion: "v1", kind: "ConfigMap", metadata: {} }),
  },
  "render/objects-unique": { "one object twice": added(inNamespace("ServiceAccount", "cilium")) },
  "render/no-lists": { "a List": added({ ...inNamespace("ConfigMapList", "extra"), items: [] }) },
  "render/kinds-built-in": {
    "an address pool of Cilium": added({
      apiVersion: "cilium.io/v2",
      kind: "CiliumLoadBalancerIPPool",
      metadata: { name: "default" },
    }),
    "a Gateway class": added({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "GatewayClass",
      metadata: { name: "cilium" },
    }),
  },
  "render/namespaces-exist": {
    "a namespace that nobody makes": added(inNamespace("ConfigMap", "dashboards", "monitoring")),
  },
  "render/references-present": {
    "a service account that is not there": objects((render) =>
      render.remove("ServiceAccount", "cilium-envoy"),
    ),
    "a ConfigMap that is not there": objects((render) => render.remove("ConfigMap", "cilium-envoy-config")),
  },
  "render/secrets-not-required": {
    "ipsec's keys": objects((render) =>
      (render.pod("cilium")["volumes"] as Json[]).push({
        name: "cilium-ipsec-secrets",
        secret: { secretName: "cilium-ipsec-keys" },
      }),
    ),
  },
  "render/accounts-bound": {
    "a binding that is not there": objects((render) =>
      render.remove("ClusterRoleBinding", "cilium-operator"),
    ),
    "a role that is not there": objects((render) => render.remove("ClusterRole", "cilium")),
  },
  "render/no-webhooks": {
    "an admission webhook": added({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "policy" },
    }),
  },
  "render/workloads-present": {
    "agent: false": objects((render) => render.remove("DaemonSet", "cilium")),
    "operator.enabled: false": objects((render) => render.remove("Deployment", "cilium-operator")),
    "no configuration": objects((render) => render.remove("ConfigMap", "cilium-config")),
  },
  "render/version-matches": {
    "an older agent": objects((render) => {
      render.container("cilium", "cilium-agent")["image"] = "quay.io/cilium/cilium:v1.17.0";
    }),
    "a tag of a minor version, which moves": objects((render) => {
      render.container("cilium", "cilium-agent")["image"] = "quay.io/cilium/cilium:v1.19";
    }),
    "the latest operator": objects((render) => {
      render.container("cilium-operator", "cilium-operator")["image"] =
        "registry.example.com:5000/cilium/operator-generic";
    }),
  },
  "render/operator-replicas-fit": {
    "operator.replicas: 0": objects((render) => {
      (render.object("Deployment", "cilium-operator")["spec"] as Json)["replicas"] = 0;
    }),
    "two for one node": { plan: () => ({ machines: { controlPlane: 1, workers: 0 } }) },
  },
  "render/host-network": {
    "operator.hostNetwork: false": objects((render) =>
      render.setPod("cilium-operator", "hostNetwork", false),
    ),
  },
  "render/priority-class": {
    "no class": objects((render) => render.setPod("cilium", "priorityClassName", undefined)),
  },
  "render/node-dns": {
    "dnsPolicy: ClusterFirstWithHostNet": objects((render) =>
      render.setPod("cilium", "dnsPolicy", "ClusterFirstWithHostNet"),
    ),
  },
  "render/placement-unrestricted": {
    "operator.nodeSelector": objects((render) =>
      render.setPod("cilium-operator", "nodeSelector", { "example.com/rack": "a" }),
    ),
    "a required node affinity": objects((render) =>
      render.setPod("cilium-operator", "affinity", {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: "example.com/rack", operator: "Exists" }] }],
          },
        },
      }),
    ),
  },
  "render/agent-tolerates-all": {
    "tolerations: []": objects((render) => render.setPod("cilium", "tolerations", undefined)),
  },
  "render/operator-tolerates-bootstrap": {
    "the chart's own narrow list": objects((render) =>
      render.setPod("cilium-operator", "tolerations", [
        { key: "node-role.kubernetes.io/control-plane", operator: "Exists" },
        { key: "node.kubernetes.io/not-ready", operator: "Exists" },
      ]),
    ),
  },
  "render/envoy-tolerates-all": {
    "envoy.tolerations: []": objects((render) => render.setPod("cilium-envoy", "tolerations", undefined)),
  },
  "render/jobs-schedulable": {
    "certificates of Hubble without workers": {
      objects: (render) =>
        render.add({
          ...inNamespace("Job", "hubble-generate-certs"),
          apiVersion: "batch/v1",
          spec: { template: { spec: { containers: [{ name: "certgen" }] } } },
        }),
      plan: () => ({ machines: { controlPlane: 3, workers: 0 } }),
    },
  },
  "render/no-proxy-wait": {
    "waitForKubeProxy: true": objects((render) =>
      (render.pod("cilium")["initContainers"] as Json[]).push({ name: "wait-for-kube-proxy" }),
    ),
  },
  "render/variables-unique": {
    "extraEnv repeats the API server": objects((render) =>
      render.environment("cilium", "cilium-agent").push({ name: host, value: "10.250.250.20" }),
    ),
  },
  "render/settings-not-overridden": {
    "extraArgs turns kube-proxy's replacement off": objects((render) =>
      (render.container("cilium", "cilium-agent")["args"] as string[]).push("--kube-proxy-replacement=false"),
    ),
    "a flag for a key that is absent": objects((render) =>
      (render.container("cilium-operator", "cilium-operator")["args"] as string[]).push(
        "--skip-crd-creation",
      ),
    ),
    "a variable": objects((render) =>
      render.environment("cilium", "cilium-agent").push({ name: "CILIUM_ROUTING_MODE", value: "tunnel" }),
    ),
  },
  "render/agent-api-host": {
    "a node's address in the first container": objects((render) => {
      render.variable("cilium", "config", host)["value"] = "10.250.250.20";
    }),
    "no address in the agent": objects((render) => {
      const list = render.environment("cilium", "cilium-agent");
      list.splice(list.indexOf(render.variable("cilium", "cilium-agent", host)), 1);
    }),
  },
  "render/operator-api-host": {
    "a node's address": objects((render) => {
      render.variable("cilium-operator", "cilium-operator", host)["value"] = "10.250.250.20";
    }),
  },
  "render/helpers-api-host": {
    "a node's address in Envoy": objects((render) => {
      render.variable("cilium-envoy", "cilium-envoy", host)["value"] = "10.250.250.20";
    }),
  },
  "render/api-port": {
    "no k8sServicePort": objects((render) => {
      render.variable("cilium", "config", port)["value"] = "";
    }),
  },
  "render/api-host-literal": {
    "an endpoint inside the services": everywhere("10.96.0.1"),
    "an endpoint inside the pods": everywhere("10.244.7.1"),
    "an endpoint that is a URL": everywhere("https://10.250.250.29"),
    "an endpoint that is a name": everywhere("api.capi-1.example.com"),
  },
  "render/api-host-inline": {
    k8sServiceHostRef: objects((render) => {
      const entry = render.variable("cilium-operator", "cilium-operator", host);
      delete entry["value"];
      entry["valueFrom"] = { configMapKeyRef: { name: "endpoint", key: "host" } };
    }),
  },
  "render/api-urls-complete": {
    "URLs that the first container does not get": config("k8s-api-server-urls", "https://10.250.250.29:6443"),
    "URLs inside the services": objects((render) => {
      render.config("k8s-api-server-urls", "https://10.96.0.1:443");
      (render.container("cilium", "config")["command"] as string[]).push("--k8s-api-server-urls=x");
    }),
  },
  "render/kube-proxy-replaced": { "kubeProxyReplacement: false": config("kube-proxy-replacement", "false") },
  "render/crds-created": { "operator.skipCRDCreation: true": config("skip-crd-creation", "true") },
  "render/identities-in-crds": {
    "identityAllocationMode: kvstore": config("identity-allocation-mode", "kvstore"),
    "an etcd": config("kvstore", "etcd"),
  },
  "render/cni-written": {
    "cni.install: false": config("write-cni-conf-when-ready", undefined),
    "cni.customConf: true": config("custom-cni-conf", "true"),
  },
  "render/cni-binaries-installed": {
    "cni.install: false": objects((render) => {
      const containers = render.pod("cilium")["initContainers"] as Json[];
      containers.splice(containers.indexOf(render.container("cilium", "install-cni-binaries")), 1);
    }),
  },
  "render/cni-bin-path": {
    "the chart's own folder": objects((render) => {
      const volumes = render.pod("cilium")["volumes"] as Json[];
      const volume = volumes.find(({ name }) => name === "cni-path");
      (volume?.["hostPath"] as Json)["path"] = "/opt/cni/bin";
    }),
  },
  "render/cni-exclusive": { "cni.exclusive: false": config("cni-exclusive", "false") },
  "render/node-marked-ready": {
    "operator.setNodeNetworkStatus: false": config("set-cilium-is-up-condition", undefined),
  },
  "render/taints-removed": {
    "operator.removeNodeTaints: false": config("remove-cilium-node-taints", undefined),
  },
  "render/taint-key-matches": {
    "nodes that start with a taint of another name": {
      plan: () => ({ nodeTaints: ["ignore-taint.example.com/cilium-agent-not-ready"] }),
    },
  },
  "render/cluster-name": { "another name": config("cluster-name", "default") },
  "render/cluster-id": { "an id beyond the mesh": config("cluster-id", "256") },
  "render/families-match": {
    "ipv4.enabled: false": config("enable-ipv4", "false"),
    "ipv6.enabled: true without a network": config("enable-ipv6", "true"),
  },
  "render/routing-mode": {
    "the other protocol": {
      objects: (render) => {
        render.config("routing-mode", "tunnel");
        render.config("tunnel-protocol", "geneve");
        render.config("auto-direct-node-routes", "false");
      },
      plan: () => ({ routing: { mode: "tunnel", tunnelProtocol: "vxlan", autoDirectNodeRoutes: true } }),
    },
    "the other protocol beside native routing": {
      plan: () => ({ routing: { mode: "native", tunnelProtocol: "geneve", autoDirectNodeRoutes: true } }),
    },
  },
  "render/native-cidr-covers": {
    "no routed network": config("ipv4-native-routing-cidr", undefined),
    "a smaller one": config("ipv4-native-routing-cidr", "10.244.0.0/17"),
  },
  "render/node-routes": { "autoDirectNodeRoutes: false": config("auto-direct-node-routes", "false") },
  "render/direct-routes-consistent": {
    "directRoutingSkipUnreachable without routes": {
      objects: (render) => {
        render.config("auto-direct-node-routes", "false");
        render.config("direct-routing-skip-unreachable", "true");
      },
      plan: ({ routing }) => ({ routing: { ...routing, autoDirectNodeRoutes: false } }),
    },
    "routes beside a tunnel": {
      objects: (render) => render.config("routing-mode", "tunnel"),
      plan: ({ routing }) => ({ routing: { ...routing, mode: "tunnel" } }),
    },
  },
  "render/ipam-mode": { "ipam.mode: eni": config("ipam", "eni") },
  "render/pod-pools-planned": {
    "ipam.mode: cluster-pool with the chart's own pool": objects((render) => {
      render.config("ipam", "cluster-pool");
      render.config("cluster-pool-ipv4-cidr", "10.0.0.0/8");
    }),
  },
  "render/bgp-enabled": { "bgpControlPlane.enabled: false": config("enable-bgp-control-plane", "false") },
  "render/bgp-status-reported": {
    "bgpControlPlane.statusReport.enabled: false": config("enable-bgp-control-plane-status-report", "false"),
  },
  "render/bgp-secrets-readable": {
    "another namespace": config("bgp-secrets-namespace", "cilium-secrets"),
  },
  "render/agent-starts": {
    "a Maglev table that is no prime": config("bpf-lb-maglev-table-size", "65536"),
    "an egress gateway without BPF masquerading": config("enable-egress-gateway", "true"),
    "masquerading interfaces with BPF masquerading": objects((render) => {
      render.config("enable-bpf-masquerade", "true");
      render.config("egress-masquerade-interfaces", "eno1");
    }),
    "a word that the agent does not know": config("monitor-aggregation", "much"),
  },
};

/** An endpoint that the stack itself names, so that every container agrees with the plan. */
function everywhere(address: string): Break {
  return {
    text: (text) => text.replaceAll('value: "10.250.250.29"', `value: "${address}"`),
    plan: (plan) => ({ endpoint: { ...plan.endpoint, host: address } }),
  };
}
