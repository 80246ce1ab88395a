import fs from "node:fs";
import path from "node:path";
import { issue, kubeconfigText, publicKeyOf, type KeyPair } from "../processes/pki";
import { answers } from "../processes/probes";
import type { Processes } from "../processes/processes";
import { bracketed } from "../../model/net/addresses";
import { kubeletStages } from "./stages";

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
  /** The lab's own address of this cluster, for what is no part of the stack. */
  readonly labAddress: string;
  /** kubelets of this cluster answer here, on every address. */
  readonly kubeletPort: number;
  readonly etcdUrls: readonly string[];
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  readonly serviceAddress: string;
  readonly certificateNames: readonly string[];
  /** Of kube-controller-manager, in addition to the lab's own. */
  readonly controllerManagerArguments: readonly string[];
  readonly authority: KeyPair;
  readonly etcdAuthority: string;
  readonly etcdClient: KeyPair;
  readonly frontProxyAuthority: string;
  readonly serviceAccountKey: string;
  readonly binaries: PlaneBinaries;
  readonly processes: Processes;
}

/** A running control plane: how to reach it with all rights. */
export interface Plane {
  readonly kubeconfig: string;
  readonly processNames: readonly string[];
}

/** Starts API server, controller manager, scheduler and kwok, in this order; throws when one of them does not get ready. */
export async function startApiServer(settings: PlaneSettings): Promise<Plane> {
  const write = writer(settings.directory);
  const serving = await issue(settings.authority, {
    // KCP reads the certificate's expiry through a port-forward and looks for this name.
    commonName: "kube-apiserver",
    names: [
      settings.host,
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
  const name = `workload-${settings.cluster}-apiserver`;
  const ca = write("ca.crt", settings.authority.cert);
  const argv = [
    settings.binaries.apiServer,
    `--etcd-servers=${settings.etcdUrls.join(",")}`,
    `--etcd-cafile=${write("etcd-ca.crt", settings.etcdAuthority)}`,
    `--etcd-certfile=${write("etcd-client.crt", settings.etcdClient.cert)}`,
    `--etcd-keyfile=${write("etcd-client.key", settings.etcdClient.key)}`,
    `--bind-address=${settings.host}`,
    `--secure-port=${settings.port}`,
    `--advertise-address=${settings.host}`,
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
    "--endpoint-reconciler-type=none",
    `--requestheader-client-ca-file=${write("front-proxy-ca.crt", settings.frontProxyAuthority)}`,
    "--kubelet-preferred-address-types=InternalIP",
    `--kubelet-client-certificate=${write("kubelet-client.crt", kubelet.cert)}`,
    `--kubelet-client-key=${write("kubelet-client.key", kubelet.key)}`,
    "--profiling=false",
  ];
  const ready = answers(`${serverUrl(settings)}/readyz`, { ca: settings.authority.cert, ...admin });
  await settings.processes.start(name, argv, { ready, readySeconds: 120 });
  return { kubeconfig, processNames: [name] };
}

/** Starts what runs against the API server. The kwok CRD for port-forwards must be there. */
export async function startControllers(settings: PlaneSettings): Promise<readonly string[]> {
  const write = writer(settings.directory);
  const user = async (name: string) =>
    write(
      `${name}.kubeconfig`,
      kubeconfigOf(settings, await issue(settings.authority, { commonName: `system:${name}` })),
    );
  const manager = await user("kube-controller-manager");
  const scheduler = await user("kube-scheduler");
  const process = (what: string) => `workload-${settings.cluster}-${what}`;
  const healthy = (port: number) => answers(`https://${settings.labAddress}:${port}/healthz`);
  const start = settings.processes.start.bind(settings.processes);
  await Promise.all([
    start(process("controller-manager"), managerArguments(settings, manager), { ready: healthy(10257) }),
    start(
      process("scheduler"),
      [
        settings.binaries.scheduler,
        `--kubeconfig=${scheduler}`,
        "--leader-elect=false",
        `--bind-address=${settings.labAddress}`,
        "--secure-port=10259",
        `--authentication-kubeconfig=${scheduler}`,
        `--authorization-kubeconfig=${scheduler}`,
      ],
      { ready: healthy(10259) },
    ),
    start(process("kubelets"), kwokArguments(settings, write("stages.yaml", kubeletStages())), {
      ready: answers(`http://${settings.labAddress}:${settings.kubeletPort}/healthz`),
    }),
  ]);
  return ["controller-manager", "scheduler", "kubelets"].map(process);
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
    `--bind-address=${settings.labAddress}`,
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

function kwokArguments(settings: PlaneSettings, stages: string): string[] {
  return [
    settings.binaries.kwok,
    `--kubeconfig=${path.join(settings.directory, "admin.kubeconfig")}`,
    "--manage-all-nodes=true",
    `--config=${stages}`,
    "--enable-crds=PortForward,Logs",
    // The API server reaches each kubelet at its node's address: all of them are local.
    `--server-address=0.0.0.0:${settings.kubeletPort}`,
    `--node-port=${settings.kubeletPort}`,
    `--node-ip=${settings.labAddress}`,
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
