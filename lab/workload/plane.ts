import fs from "node:fs";
import path from "node:path";
import { issue, kubeconfigText, publicKeyOf, type KeyPair } from "../processes/pki";
import { answers } from "../processes/probes";
import type { Processes } from "../processes/processes";
import { field, list, text } from "../../model/kubernetes/object";
import { bracketed, firstAddressIn } from "../../model/net/addresses";
import { BootRefused } from "../simulated/boot/cloud-config";
import type { KubeadmPlan } from "../simulated/boot/kubeadm";
import { controllerManagerArguments } from "./arguments";
import type { Server } from "./servers";
import { hostNetworkStages, kubeletStages } from "./stages";

/** Paths of the programs that make a control plane. */
interface PlaneBinaries {
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly scheduler: string;
  readonly kwok: string;
}

/** Everything that decides how one workload control plane runs. */
export interface PlaneSettings {
  readonly cluster: string;
  readonly directory: string;
  readonly host: string;
  readonly port: number;
  /** On which its programs run. */
  readonly server: Server;
  /** At which they answer the lab, for what is no part of the stack. */
  readonly address: string;
  /** kubelets of this cluster answer at this port, on every address. */
  readonly kubeletPort: number;
  readonly etcdUrls: readonly string[];
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  readonly serviceAddress: string;
  readonly certificateNames: readonly string[];
  /** The stack's, in addition to the lab's own. */
  readonly apiServerArguments: readonly string[];
  readonly controllerManagerArguments: readonly string[];
  readonly authority: KeyPair;
  readonly etcdAuthority: string;
  readonly etcdClient: KeyPair;
  readonly frontProxyAuthority: string;
  readonly serviceAccountKey: string;
  readonly binaries: PlaneBinaries;
  readonly processes: Processes;
}

/** The authorities that KCP hands to a machine. */
interface Authorities {
  readonly cluster: KeyPair;
  readonly etcd: KeyPair;
}

/** The authorities of the first machine's user data; throws BootRefused where one is missing, or etcd is external. */
export function authoritiesOf({ certificates, clusterConfiguration }: KubeadmPlan): Authorities {
  if (field(clusterConfiguration, "etcd", "external") !== undefined) {
    throw new BootRefused("the lab does not simulate an external etcd");
  }
  const pair = (name: string): KeyPair => ({
    cert: fileOf(certificates, `${name}.crt`),
    key: fileOf(certificates, `${name}.key`),
  });
  return { cluster: pair("ca"), etcd: pair("etcd/ca") };
}

/** What kubeadm's configuration decides about the control plane. */
export function settingsOf(plan: KubeadmPlan, authorities: Authorities) {
  const { certificates, clusterConfiguration } = plan;
  const serviceSubnet = text(clusterConfiguration, "networking", "serviceSubnet") ?? "10.96.0.0/12";
  return {
    podSubnet: text(clusterConfiguration, "networking", "podSubnet") ?? "10.244.0.0/16",
    serviceSubnet,
    serviceAddress: firstAddressIn(serviceSubnet.split(",")[0] ?? "") ?? "",
    certificateNames: list(clusterConfiguration, "apiServer", "certSANs").map(String),
    controllerManagerArguments: controllerManagerArguments(plan),
    authority: authorities.cluster,
    etcdAuthority: authorities.etcd.cert,
    frontProxyAuthority: fileOf(certificates, "front-proxy-ca.crt"),
    serviceAccountKey: fileOf(certificates, "sa.key"),
  };
}

function fileOf(certificates: ReadonlyMap<string, string>, name: string): string {
  const content = certificates.get(name);
  if (content === undefined)
    throw new BootRefused(`kubeadm init: /etc/kubernetes/pki/${name} is not in the user data`);
  return content;
}

/** Starts the API server, and returns a kubeconfig with all rights; throws when it does not get ready. */
export async function startApiServer(settings: PlaneSettings): Promise<string> {
  const write = writer(settings.directory);
  const serving = await issue(settings.authority, {
    // KCP reads the certificate's expiry through a port-forward and looks for this name.
    commonName: "kube-apiserver",
    names: [
      settings.host,
      ...(settings.server.ownNetwork ? [settings.address] : []),
      settings.serviceAddress,
      "localhost",
      ...defaultNames,
      ...settings.certificateNames,
    ],
  });
  const kubelet = await issue(settings.authority, {
    commonName: "kube-apiserver-kubelet-client",
    organization: "kubeadm:cluster-admins",
  });
  const admin = await issue(settings.authority, { commonName: "lab-admin", organization: "system:masters" });
  const kubeconfig = kubeconfigOf(settings, admin);
  write("admin.kubeconfig", kubeconfig);
  const name = processOf(settings.cluster, "apiserver");
  const ca = write("ca.crt", settings.authority.cert);
  const argv = [
    settings.binaries.apiServer,
    `--etcd-servers=${settings.etcdUrls.join(",")}`,
    `--etcd-cafile=${write("etcd-ca.crt", settings.etcdAuthority)}`,
    `--etcd-certfile=${write("etcd-client.crt", settings.etcdClient.cert)}`,
    `--etcd-keyfile=${write("etcd-client.key", settings.etcdClient.key)}`,
    `--secure-port=${settings.port}`,
    ...addressArguments(settings),
    `--tls-cert-file=${write("apiserver.crt", serving.cert)}`,
    `--tls-private-key-file=${write("apiserver.key", serving.key)}`,
    `--client-ca-file=${ca}`,
    `--service-account-key-file=${write("sa.pub", publicKeyOf(settings.serviceAccountKey))}`,
    `--service-account-signing-key-file=${write("sa.key", settings.serviceAccountKey)}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-cluster-ip-range=${settings.serviceSubnet}`,
    "--authorization-mode=Node,RBAC",
    "--enable-bootstrap-token-auth=true",
    "--allow-privileged=true",
    `--requestheader-client-ca-file=${write("front-proxy-ca.crt", settings.frontProxyAuthority)}`,
    "--kubelet-preferred-address-types=InternalIP",
    `--kubelet-client-certificate=${write("kubelet-client.crt", kubelet.cert)}`,
    `--kubelet-client-key=${write("kubelet-client.key", kubelet.key)}`,
    "--profiling=false",
    ...settings.apiServerArguments,
  ];
  const ready = answers(`${serverUrl(settings)}/readyz`, { ca: settings.authority.cert, ...admin });
  await settings.processes.start(name, settings.server.on(argv), { ready, readySeconds: 120 });
  return kubeconfig;
}

/** On its own server, it is an endpoint of the Service "kubernetes"; loopback addresses may not be endpoints. */
function addressArguments({ server, host, address }: PlaneSettings): string[] {
  if (!server.ownNetwork)
    return [`--bind-address=${host}`, `--advertise-address=${host}`, "--endpoint-reconciler-type=none"];
  return [`--bind-address=${address.includes(":") ? "::" : "0.0.0.0"}`, `--advertise-address=${address}`];
}

/** Starts controller manager and scheduler. */
export async function startControllers(settings: PlaneSettings): Promise<void> {
  const manager = await kubeconfigFor(settings, "kube-controller-manager");
  const scheduler = await kubeconfigFor(settings, "kube-scheduler");
  const healthy = (port: number) => answers(`https://${bracketed(settings.address)}:${port}/healthz`);
  const start = async (what: string, argv: readonly string[], port: number) => {
    await settings.processes.start(processOf(settings.cluster, what), settings.server.on(argv), {
      ready: healthy(port),
    });
  };
  const schedulerArguments = [
    settings.binaries.scheduler,
    `--kubeconfig=${scheduler}`,
    "--leader-elect=false",
    `--bind-address=${settings.address}`,
    "--secure-port=10259",
    `--authentication-kubeconfig=${scheduler}`,
    `--authorization-kubeconfig=${scheduler}`,
  ];
  await Promise.all([
    start("controller-manager", managerArguments(settings, manager), 10257),
    start("scheduler", schedulerArguments, 10259),
  ]);
}

/** Starts one kwok as the kubelets of all nodes: their addresses are the lab's. The CRDs of kwok must be there. */
export async function startKubelets(settings: PlaneSettings): Promise<void> {
  const name = processOf(settings.cluster, "kubelets");
  const argv = kwokArguments(settings, settings.address, ["--manage-all-nodes=true"], kubeletStages());
  await settings.processes.start(name, argv, { ready: kubeletAnswers(settings, settings.address) });
}

/** Starts a kwok as the kubelet of one node, on its server; pods of the pod network and Cilium's are left to the lab. */
export async function startKubelet(
  settings: PlaneSettings,
  server: Server,
  name: string,
  address: string,
): Promise<void> {
  const flags = [`--manage-single-node=${server.name}`];
  const argv = server.on(kwokArguments(settings, address, flags, hostNetworkStages()));
  await settings.processes.start(name, argv, { ready: kubeletAnswers(settings, address) });
}

function kubeletAnswers({ kubeletPort }: PlaneSettings, address: string) {
  return answers(`http://${bracketed(address)}:${kubeletPort}/healthz`);
}

/** The names of the processes of a cluster's control plane, those that depend on others first. */
export function planeProcesses(cluster: string): readonly string[] {
  return ["kubelets", "scheduler", "controller-manager", "apiserver"].map((what) => processOf(cluster, what));
}

function processOf(cluster: string, what: string): string {
  return `workload-${cluster}-${what}`;
}

async function kubeconfigFor(settings: PlaneSettings, name: string): Promise<string> {
  const user = await issue(settings.authority, { commonName: `system:${name}` });
  return writer(settings.directory)(`${name}.kubeconfig`, kubeconfigOf(settings, user));
}

const defaultNames = [
  "kubernetes",
  "kubernetes.default",
  "kubernetes.default.svc",
  "kubernetes.default.svc.cluster.local",
];

function managerArguments(settings: PlaneSettings, kubeconfig: string): string[] {
  const file = (name: string) => path.join(settings.directory, name);
  return [
    settings.binaries.controllerManager,
    `--kubeconfig=${kubeconfig}`,
    "--leader-elect=false",
    `--bind-address=${settings.address}`,
    "--secure-port=10257",
    `--root-ca-file=${file("ca.crt")}`,
    `--service-account-private-key-file=${file("sa.key")}`,
    "--allocate-node-cidrs=true",
    `--cluster-cidr=${settings.podSubnet}`,
    `--service-cluster-ip-range=${settings.serviceSubnet}`,
    `--cluster-signing-cert-file=${file("ca.crt")}`,
    `--cluster-signing-key-file=${writer(settings.directory)("ca.key", settings.authority.key)}`,
    "--controllers=*,bootstrap-signer-controller,token-cleaner-controller",
    "--use-service-account-credentials=true",
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    ...settings.controllerManagerArguments,
  ];
}

function kwokArguments(
  settings: PlaneSettings,
  address: string,
  nodes: readonly string[],
  stages: string,
): string[] {
  return [
    settings.binaries.kwok,
    `--kubeconfig=${path.join(settings.directory, "admin.kubeconfig")}`,
    ...nodes,
    `--config=${writer(settings.directory)("stages.yaml", stages)}`,
    "--enable-crds=PortForward,Logs",
    // The API server reaches each kubelet at its node's address.
    `--server-address=0.0.0.0:${settings.kubeletPort}`,
    `--node-port=${settings.kubeletPort}`,
    `--node-ip=${address}`,
    `--cidr=${settings.podSubnet.split(",")[0] ?? ""}`,
    "--node-lease-duration-seconds=40",
  ];
}

/** The API server's URL at the stack's own endpoint. */
export function serverUrl(settings: Pick<PlaneSettings, "host" | "port">): string {
  return `https://${bracketed(settings.host)}:${settings.port}`;
}

function kubeconfigOf(settings: PlaneSettings, user: KeyPair): string {
  return kubeconfigText({
    name: settings.cluster,
    server: serverUrl(settings),
    ca: settings.authority.cert,
    user,
  });
}

function writer(directory: string): (name: string, content: string) => string {
  fs.mkdirSync(directory, { recursive: true });
  return (name, content) => {
    const file = path.join(directory, name);
    fs.writeFileSync(file, content, { mode: 0o600 });
    return file;
  };
}
