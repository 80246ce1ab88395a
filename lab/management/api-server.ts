import fs from "node:fs";
import path from "node:path";
import { type KeyPair, createServiceAccountKeys, issue, kubeconfigText } from "../processes/pki";
import { hostPort } from "../../model/net/addresses";
import { answers } from "../processes/probes";
import type { Processes } from "../processes/processes";
import type { Toolchain } from "../toolchain";

/** What the management plane's own processes are made from. */
export interface PlaneSite {
  readonly directory: string;
  readonly processes: Processes;
  readonly tools: Toolchain;
  readonly authority: KeyPair;
  /** Where the API server listens; on loopback by default. */
  readonly server?: { readonly host: string; readonly port: number };
}

/** Names of the processes, for faults that kill one and for looking at their logs. */
export const process = {
  etcd: "management-etcd",
  apiServer: "management-apiserver",
  controllerManager: "management-controller-manager",
} as const;

/**
 * Ports of the management plane on 127.0.0.1. Constants, because the lab has its own network namespace; below 30000, where
 * neither NodePorts nor ephemeral ports are.
 */
const ports = {
  apiServer: 21001,
  controllerManager: 21002,
  etcdClient: 21010,
  etcdPeer: 21011,
} as const;

function serverOf(site: PlaneSite) {
  const { host, port } = site.server ?? { host: "127.0.0.1", port: ports.apiServer };
  return { host, port, url: `https://${hostPort({ host, port })}` };
}

/** Writes the keys that the API server reads and the administrator's kubeconfig; returns the kubeconfig's file. */
export async function writeManagementKeys(site: PlaneSite): Promise<string> {
  const folder = path.join(site.directory, "pki");
  fs.mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string) =>
    fs.writeFileSync(path.join(folder, name), content, { mode: 0o600 });
  const [server, admin] = await Promise.all([
    issue(site.authority, {
      commonName: "kube-apiserver",
      names: ["localhost", "kubernetes", "kubernetes.default", "127.0.0.1", "10.0.0.1", serverOf(site).host],
    }),
    issue(site.authority, { commonName: "lab-admin", organization: "system:masters" }),
  ]);
  const accounts = createServiceAccountKeys();
  write("ca.crt", site.authority.cert);
  write("apiserver.crt", server.cert);
  write("apiserver.key", server.key);
  write("service-accounts.pub", accounts.publicKey);
  write("service-accounts.key", accounts.privateKey);
  write("admin.crt", admin.cert);
  write("admin.key", admin.key);
  const file = path.join(site.directory, "management.kubeconfig");
  const text = kubeconfigText({
    name: "lab-management",
    server: serverOf(site).url,
    ca: site.authority.cert,
    user: admin,
  });
  fs.writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** Starts etcd; plain HTTP is fine inside the namespace. */
export async function startEtcd({ directory, processes, tools }: PlaneSite): Promise<void> {
  const client = `http://127.0.0.1:${ports.etcdClient}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  await processes.start(
    process.etcd,
    [
      tools.tool("etcd"),
      "--name=management",
      `--data-dir=${path.join(directory, "etcd")}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=management=${peer}`,
      "--unsafe-no-fsync",
      "--log-level=warn",
    ],
    { ready: answers(`${client}/health`) },
  );
}

/** Starts the API server, also again after a fault stopped it: everything it needs is on disk. */
export async function startApiServer(site: PlaneSite): Promise<void> {
  const { directory, processes, tools } = site;
  const server = serverOf(site);
  const pki = (name: string) => path.join(directory, "pki", name);
  const read = (name: string) => fs.readFileSync(pki(name), "utf8");
  await processes.start(
    process.apiServer,
    [
      tools.tool("kube-apiserver"),
      `--etcd-servers=http://127.0.0.1:${ports.etcdClient}`,
      `--bind-address=${server.host}`,
      `--secure-port=${server.port}`,
      `--advertise-address=${server.host}`,
      `--tls-cert-file=${pki("apiserver.crt")}`,
      `--tls-private-key-file=${pki("apiserver.key")}`,
      `--client-ca-file=${pki("ca.crt")}`,
      `--service-account-key-file=${pki("service-accounts.pub")}`,
      `--service-account-signing-key-file=${pki("service-accounts.key")}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      "--service-cluster-ip-range=10.0.0.0/24",
      "--authorization-mode=RBAC",
      "--endpoint-reconciler-type=none",
      "--disable-admission-plugins=ServiceAccount",
      "--enable-priority-and-fairness=false",
      "--profiling=false",
    ],
    {
      ready: answers(`${server.url}/readyz`, {
        ca: read("ca.crt"),
        cert: read("admin.crt"),
        key: read("admin.key"),
      }),
    },
  );
}

/** Starts the two controllers that a management cluster cannot do without: garbage collection and namespace deletion. */
export async function startControllerManager(site: PlaneSite, kubeconfigFile: string): Promise<void> {
  await site.processes.start(
    process.controllerManager,
    [
      site.tools.tool("kube-controller-manager"),
      `--kubeconfig=${kubeconfigFile}`,
      "--controllers=garbage-collector-controller,namespace-controller",
      "--leader-elect=false",
      "--bind-address=127.0.0.1",
      `--secure-port=${ports.controllerManager}`,
      "--concurrent-gc-syncs=20",
      "--kube-api-qps=200",
      "--kube-api-burst=400",
    ],
    { ready: answers(`https://127.0.0.1:${ports.controllerManager}/healthz`) },
  );
}
