import fs from "node:fs";
import path from "node:path";
import { field, list, text } from "../../model/kubernetes/object";
import { BootRefused } from "../simulated/boot/cloud-config";
import { argumentsOf, type KubeadmPlan } from "../simulated/boot/kubeadm";

/** Arguments that the lab takes from kubeadm's configuration, and the names of those that it does not. */
interface TakenArguments {
  readonly argv: readonly string[];
  readonly left: readonly string[];
}

/** How the value of an argument is used: as it is, as a file that is read, or as a file that is written. */
type Use = "value" | "reads" | "writes";

/**
 * Arguments of the API server that decide what it stores, logs and admits. A stack file is not trusted with more, because the
 * lab runs as root: admission plugins, for example, can name programs to run.
 */
const ofApiServer: Readonly<Record<string, Use>> = {
  "audit-log-format": "value",
  "audit-log-maxage": "value",
  "audit-log-maxbackup": "value",
  "audit-log-maxsize": "value",
  "audit-log-path": "writes",
  "audit-policy-file": "reads",
  "enable-admission-plugins": "value",
  "disable-admission-plugins": "value",
  "encryption-provider-config": "reads",
  "event-ttl": "value",
  "feature-gates": "value",
  "max-mutating-requests-inflight": "value",
  "max-requests-inflight": "value",
  "oidc-ca-file": "reads",
  "oidc-client-id": "value",
  "oidc-groups-claim": "value",
  "oidc-groups-prefix": "value",
  "oidc-issuer-url": "value",
  "oidc-required-claim": "value",
  "oidc-signing-algs": "value",
  "oidc-username-claim": "value",
  "oidc-username-prefix": "value",
  "runtime-config": "value",
  "service-node-port-range": "value",
  "tls-cipher-suites": "value",
  "tls-min-version": "value",
};

/**
 * The stack's arguments of the API server. Files are those of the machine's user data, written below `directory`. Throws
 * BootRefused, as the API server would end, for a file that no volume or no file of the user data provides.
 */
export function apiServerArguments(plan: KubeadmPlan, directory: string): TakenArguments {
  const settings = field(plan.clusterConfiguration, "apiServer");
  const given = Object.entries(argumentsOf(field(settings, "extraArgs")));
  const argv = given.flatMap(([name, value]) => {
    const use = ofApiServer[name];
    if (use === undefined) return [];
    if (use === "value") return [`--${name}=${value}`];
    const place = onMachine(value, list(settings, "extraVolumes"));
    // Below the folder, whatever it says: `..` ends at the root.
    const copy = path.join(directory, path.posix.resolve("/", place ?? value));
    fs.mkdirSync(path.dirname(copy), { recursive: true });
    if (use === "reads") {
      const content = place === undefined ? undefined : plan.files.get(place);
      if (content === undefined)
        throw new BootRefused(`kube-apiserver: --${name}: open ${value}: no such file or directory`);
      fs.writeFileSync(copy, content, { mode: 0o600 });
    }
    return [`--${name}=${copy}`];
  });
  return { argv, left: given.map(([name]) => name).filter((name) => ofApiServer[name] === undefined) };
}

/** The stack's arguments of kube-controller-manager that decide what others see. */
export function controllerManagerArguments({ clusterConfiguration }: KubeadmPlan): readonly string[] {
  const given = argumentsOf(field(clusterConfiguration, "controllerManager", "extraArgs"));
  return Object.entries(given)
    .filter(([name]) => /^(allocate-node-cidrs|node-cidr-mask-size(-ipv[46])?)$/.test(name))
    .map(([name, value]) => `--${name}=${value}`);
}

/** The path on the machine of what a container sees at `value`; undefined where no volume provides it. */
function onMachine(value: string, volumes: readonly unknown[]): string | undefined {
  for (const volume of volumes) {
    const [from, to] = [text(volume, "hostPath"), text(volume, "mountPath")];
    if (from === undefined || to === undefined) continue;
    const below = path.posix.relative(to, value);
    if (!/^\.\.(\/|$)/.test(below)) return path.posix.join(from, below);
  }
  return undefined;
}
