import type { Stack } from "../../stack/schema";
import { type Check, defineCheck } from "../check";
import { componentsOf } from "./components";

/** What breaks a cluster: why, for people, and what to write instead of removing it. */
interface Breakage {
  readonly why: string;
  readonly fix?: string;
}

type Judge = (value: string, stack: Stack) => Breakage | undefined;

/** A flag that breaks a cluster with the values that `isHarmful` recognises. */
function harmful(isHarmful: (value: string) => boolean, why: string, fix?: string): Judge {
  return (value) => (isHarmful(value) ? { why, ...(fix === undefined ? {} : { fix }) } : undefined);
}

const isFalse = (value: string) => /^(false|f|0)$/i.test(value);
const isOn = (value: string) => !isFalse(value);
const always = () => true;
const listed = (value: string) => value.split(",").map((entry) => entry.trim());

/** Controllers without which a cluster never works, by canonical name and alias (kube-controller-manager v1.36 names/controller_names.go). */
const neededControllers: readonly (readonly [name: string, alias: string, why: string])[] = [
  ["bootstrap-signer-controller", "bootstrapsigner", "no machine joins: it signs what kubeadm join reads"],
  ["node-ipam-controller", "nodeipam", "new nodes get no share of network.pods"],
  ["node-lifecycle-controller", "nodelifecycle", "new nodes keep the taint that they are not ready"],
  ["certificatesigningrequest-signing-controller", "csrsigning", "kubelets get no certificate"],
  ["certificatesigningrequest-approving-controller", "csrapproving", "kubelets get no certificate"],
  ["serviceaccount-controller", "serviceaccount", "new namespaces have no service account for pods"],
  [
    "root-ca-certificate-publisher-controller",
    "root-ca-cert-publisher",
    "pods of new namespaces never start",
  ],
  ["daemonset-controller", "daemonset", "Cilium's agents are not started"],
  ["deployment-controller", "deployment", "Cilium's operator and CoreDNS are not started"],
  ["replicaset-controller", "replicaset", "Cilium's operator and CoreDNS are not started"],
  ["endpointslice-controller", "endpointslice", "services have no endpoints"],
];

/** Controllers that `*` does not stand for. */
const offByDefault = ["bootstrapsigner"];

/** Of several entries about a controller the first counts (k8s.io/controller-manager v0.36 app/helper.go). */
function runs(entries: readonly string[], name: string, alias: string): boolean {
  const own = entries.find((entry) => [name, alias].includes(entry.replace(/^-/, "")));
  if (own !== undefined) return !own.startsWith("-");
  return entries.includes("*") && !offByDefault.includes(alias);
}

const controllers: Judge = (value) => {
  const missing = neededControllers.find(([name, alias]) => !runs(listed(value), name, alias));
  if (missing === undefined) return undefined;
  const [, alias, why] = missing;
  return {
    why: `${alias} does not run, so ${why}`,
    fix: `remove it, or write "*,bootstrapsigner,tokencleaner" with what is to be switched off, such as "-ttl", behind it`,
  };
};

/** Without an election the components of several machines work against each other. */
const election: Judge = (value, { controlPlane }) =>
  isFalse(value) && controlPlane.replicas > 1
    ? {
        why: `those of ${controlPlane.replicas} control plane machines act at the same time and undo each other's work`,
      }
    : undefined;

/** kubeadm's probes use this port (kubeadm v1.36 app/phases/controlplane/manifests.go). */
function probed(port: string): Judge {
  return harmful(
    (value) => value !== port,
    `kubeadm's probes use port ${port}, and the kubelet restarts the pod again and again`,
  );
}

function everyOf(flags: readonly string[], judge: Judge): Readonly<Record<string, Judge>> {
  return Object.fromEntries(flags.map((flag) => [flag, judge]));
}

/** Flags with values that break a cluster for sure. What only some clusters need, or what works, is not here. */
const judges: Readonly<
  Record<ReturnType<typeof componentsOf>[number]["name"], Readonly<Record<string, Judge>>>
> = {
  etcd: {
    "force-new-cluster": harmful(
      isOn,
      "each member removes all others from the cluster when it starts again",
      "remove it; a quorum that is lost is restored by hand, on one machine",
    ),
    "unsafe-no-fsync": harmful(isOn, "a machine that loses power loses what its member has confirmed"),
    "config-file": harmful(always, "etcd then ignores all other flags, those of kubeadm as well"),
    ...everyOf(
      ["discovery", "discovery-srv", "discovery-endpoints"],
      harmful(always, "etcd exits: kubeadm sets initial-cluster, and it accepts only one of the two"),
    ),
  },
  apiServer: {
    "anonymous-auth": harmful(
      isFalse,
      "kubeadm join and the probes of the API server are anonymous, so no machine joins",
      "remove it; anonymous requests reach only what RBAC permits them",
    ),
    "authorization-mode": harmful(
      (value) => !["Node", "RBAC"].every((mode) => listed(value).includes(mode)),
      "without Node and RBAC kubelets and controllers have no rights, or everyone has all",
      'remove it, or write "Node,RBAC" and further modes behind it',
    ),
    "enable-admission-plugins": harmful(
      (value) => listed(value).includes("AlwaysDeny"),
      "AlwaysDeny refuses every request that changes something",
    ),
    "disable-admission-plugins": harmful(
      (value) => listed(value).includes("ServiceAccount"),
      "without ServiceAccount pods have no token, and Cilium's agents cannot log in",
    ),
    "runtime-config": harmful((value) => {
      const versions = listed(value);
      const offered = (name: string) => versions.find((entry) => entry.startsWith(`${name}=`))?.split("=")[1];
      return ["v1", "apps/v1"].some((name) =>
        // The more specific name counts (kube-apiserver v1.36 pkg/controlplane/apiserver/options/validation.go).
        isFalse([name, "api/ga", "api/all"].map(offered).find((found) => found !== undefined) ?? "true"),
      );
    }, "the API server no longer serves what kubelets and controllers use"),
    "bind-address": harmful(
      (value) => /^(127\.|::1$)/.test(value),
      "neither other machines nor kubeadm's probes reach the API server",
    ),
    "endpoint-reconciler-type": harmful(
      (value) => value === "none",
      "the service of the API server has no endpoints, and pods do not reach it",
    ),
    "etcd-prefix": harmful(
      (value) => value.replace(/^\/|\/+$/g, "") !== "registry",
      "API servers with another prefix do not find the objects of the cluster",
    ),
  },
  controllerManager: {
    controllers,
    "leader-elect": election,
    "secure-port": probed("10257"),
    "use-service-account-credentials": harmful(
      isFalse,
      "the controllers then have the rights of the controller manager alone, which cannot do their work",
    ),
    "cidr-allocator-type": harmful(
      (value) => value !== "RangeAllocator",
      "the nodes' shares of network.pods would come from a cloud that there is not",
    ),
    ...everyOf(
      ["kubelet-serving", "kubelet-client", "kube-apiserver-client", "legacy-unknown"].flatMap((signer) => [
        `cluster-signing-${signer}-cert-file`,
        `cluster-signing-${signer}-key-file`,
      ]),
      harmful(always, "the controller manager exits: kubeadm sets cluster-signing-cert-file for all signers"),
    ),
  },
  scheduler: { "leader-elect": election, "secure-port": probed("10259") },
};

/** Checks of the values of the control plane's arguments. */
export const argumentValueChecks: readonly Check[] = [
  defineCheck({
    id: "kubernetes/arguments-harmless",
    summary: "No control plane argument stops the cluster, or loses its data.",
    why: "the control plane does not start, machines do not join, or etcd loses what it holds",
    acceptable: false,
    run: (stack) =>
      componentsOf(stack).flatMap(({ name: component, extraArgs }) =>
        Object.entries(extraArgs).flatMap(([flag, value]) => {
          const found = Object.hasOwn(judges[component], flag)
            ? judges[component][flag]?.(value, stack)
            : undefined;
          if (found === undefined) return [];
          return {
            at: `kubernetes.${component}.extraArgs.${flag}`,
            problem: `"${value}": ${found.why}`,
            fix: found.fix ?? "remove it",
          };
        }),
      ),
  }),
];
