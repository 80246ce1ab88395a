import { type KubernetesObject, field, isMap, list, text } from "../kubernetes/object";
import { containersOf, foreignImages, nameOf, podSpecsIn, repositoryOf } from "./images";

/**
 * What rendered objects may do to the cluster or to its machines and could not do before, one sentence each. `released`: another
 * version of the released chart with the same values, of which commands, volumes and Secrets of pods are not compared. `changed`:
 * what privileged containers run and mount counts as well. `own`: with a chart of the project also the files that they may run, of
 * ConfigMaps and Secrets.
 */
export function newPrivileges(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
  chart: ComparedChart,
): readonly string[] {
  const old = new Set(privilegesOf(before, chart));
  const found = [
    ...privilegesOf(after, chart).filter((each) => !old.has(each)),
    ...foreignImages(before, after),
  ];
  return [...new Set(found.map((each) => each.split(separator)[0] ?? ""))].sort();
}

/** How two renders differ in what they were rendered from. */
export type ComparedChart = "released" | "changed" | "own";

const separator = "\0";

/** A privilege with a content that is compared and never shown: it may hold a secret. */
function withContent(privilege: string, content: unknown): string {
  return `${privilege}${separator}${JSON.stringify(content)}`;
}

function privilegesOf(objects: readonly KubernetesObject[], chart: ComparedChart): readonly string[] {
  const own = ownObjects(objects);
  return objects.flatMap((object) => [
    ...rightsOf(object).map((right) => `${nameOf(object)} permits ${right}`),
    ...bindingsOf(object, objects),
    ...podSpecsIn(object).flatMap((spec) => podPrivileges(object, spec, own, chart !== "released")),
    ...(chart === "own" ? filesOf(object) : []),
    ...ofOtherKinds(object),
  ]);
}

// Rights

const reading: readonly unknown[] = ["get", "list", "watch"];

/** Subresources that are read without an effect; `get` of the others runs commands or reaches through to a machine. */
const plainSubresources = /^[^/]+(\/(status|scale|log))?$/;

/** Entries of a role's rules that do more than read what is no secret, one by one, so that a wider rule has new ones. */
function rightsOf(object: KubernetesObject): readonly string[] {
  if (object.kind !== "ClusterRole" && object.kind !== "Role") return [];
  const aggregated = field(object, "aggregationRule");
  const joined = Object.keys(object.metadata.labels ?? {}).filter((label) => /\/aggregate-to-/.test(label));
  return [
    ...(aggregated === undefined ? [] : [withContent("the rules of other roles", aggregated)]),
    ...joined.map((label) => `its rules to others by the label ${label}`),
    ...list(object, "rules").flatMap(rightsOfRule),
  ];
}

function rightsOfRule(rule: unknown): readonly string[] {
  const urls = list(rule, "nonResourceURLs").filter((url) => String(url).includes("*"));
  const only = list(rule, "resourceNames");
  const limits = only.length === 0 ? [""] : only.map((name) => ` named ${String(name)}`);
  return [
    ...urls.map((url) => `requests to ${String(url)}`),
    ...list(rule, "resources").flatMap((resource) =>
      list(rule, "verbs")
        .filter((verb) => !isReading(String(resource), verb))
        .flatMap((verb) =>
          list(rule, "apiGroups").flatMap((group) => {
            const whole = group === "" ? String(resource) : `${String(resource)}.${String(group)}`;
            return limits.map((limit) => `${String(verb)} of ${whole}${limit}`);
          }),
        ),
    ),
  ];
}

function isReading(resource: string, verb: unknown): boolean {
  if (!reading.includes(verb)) return false;
  return plainSubresources.test(resource) && !resource.includes("*") && resource !== "secrets";
}

/** Bindings to a role that has such rights, or that is not part of the render, such as cluster-admin; of people and groups all. */
function bindingsOf(object: KubernetesObject, objects: readonly KubernetesObject[]): readonly string[] {
  if (object.kind !== "ClusterRoleBinding" && object.kind !== "RoleBinding") return [];
  const isPrivileged = isPrivilegedBinding(object, objects);
  const role = `${text(object, "roleRef", "kind") ?? ""} ${text(object, "roleRef", "name") ?? ""}`;
  const scope = object.kind === "RoleBinding" ? ` in ${object.metadata.namespace ?? "its namespace"}` : "";
  return list(object, "subjects")
    .filter((subject) => isPrivileged || text(subject, "kind") !== "ServiceAccount")
    .map((subject) => `${subjectOf(subject, object)} has ${role}${scope}`);
}

function isPrivilegedBinding(object: KubernetesObject, objects: readonly KubernetesObject[]): boolean {
  if (object.kind !== "ClusterRoleBinding" && object.kind !== "RoleBinding") return false;
  const kind = text(object, "roleRef", "kind");
  const roles = objects.filter(
    (role) =>
      role.kind === kind &&
      role.metadata.name === text(object, "roleRef", "name") &&
      (kind === "ClusterRole" || role.metadata.namespace === object.metadata.namespace),
  );
  return roles.length === 0 || roles.some((role) => rightsOf(role).length > 0);
}

function subjectOf(subject: unknown, binding: KubernetesObject): string {
  const kind = text(subject, "kind") ?? "";
  const name = text(subject, "name") ?? "";
  if (kind !== "ServiceAccount") return `${kind} ${name}`;
  return referenceTo(kind, text(subject, "namespace") ?? binding.metadata.namespace, name);
}

/** Service accounts that some binding gives more than reading. */
function privilegedAccounts(objects: readonly KubernetesObject[]): ReadonlySet<string> {
  const bindings = objects.filter((object) => isPrivilegedBinding(object, objects));
  return new Set(
    bindings.flatMap((binding) => list(binding, "subjects").map((each) => subjectOf(each, binding))),
  );
}

// Pods

/** What pods refer to. */
interface OwnObjects {
  /** Service accounts with more rights than reading. */
  readonly privileged: ReadonlySet<string>;
  /** The service accounts and Secrets of the render; what others hold or may do is not known. */
  readonly known: ReadonlySet<string>;
}

function ownObjects(objects: readonly KubernetesObject[]): OwnObjects {
  const known = objects.filter(({ kind }) => kind === "ServiceAccount" || kind === "Secret");
  return {
    privileged: privilegedAccounts(objects),
    known: new Set(known.map(({ kind, metadata }) => referenceTo(kind, metadata.namespace, metadata.name))),
  };
}

/** An object of a namespace, as others refer to it. */
function referenceTo(kind: string, namespace: string | undefined, name: string): string {
  return `${kind} ${namespace ?? "default"}/${name}`;
}

function podPrivileges(
  object: KubernetesObject,
  spec: unknown,
  { privileged, known }: OwnObjects,
  isCompared: boolean,
): readonly string[] {
  const name = nameOf(object);
  const containers = containersOf(spec);
  const { namespace } = object.metadata;
  const account = text(spec, "serviceAccountName") ?? text(spec, "serviceAccount") ?? "default";
  const subject = referenceTo("ServiceAccount", namespace, account);
  const isForeign = account !== "default" && !known.has(subject);
  const node = text(spec, "nodeName");
  const own = [
    ...["hostNetwork", "hostPID", "hostIPC"].filter((key) => field(spec, key) === true),
    ...(node === undefined ? [] : [`its place on ${node} without the scheduler`]),
    ...list(spec, "volumes").flatMap(volumeAccess),
    ...looseSecurity(field(spec, "securityContext")),
    ...(privileged.has(subject) || isForeign ? [`the rights of ${subject}`] : []),
    ...(isCompared ? secretsOf(spec, containers) : [])
      .map((secret) => referenceTo("Secret", namespace, secret))
      .filter((secret) => !known.has(secret))
      .map((secret) => `the content of ${secret}, which the chart does not have`),
  ];
  const each = containers.flatMap((container) =>
    [
      ...looseSecurity(field(container, "securityContext")),
      ...(field(spec, "hostNetwork") === true ? [] : hostPortsOf(container)),
    ].map((access) => `container ${text(container, "name") ?? ""}: ${access}`),
  );
  if (own.length + each.length === 0) return [];
  const run = containers.flatMap((container) => [
    `container ${whatRuns(container, isCompared)}`,
    ...(isCompared ? mountsOf(container) : []),
  ]);
  const volumes = isCompared ? list(spec, "volumes").map(whatHolds) : [];
  return [...own, ...each, ...run, ...volumes].map((access) => `${name} has ${access}`);
}

/** A port of the machine itself; with the host's network every port is one. */
function hostPortsOf(container: unknown): readonly string[] {
  return list(container, "ports").flatMap((port) => {
    const number = field(port, "hostPort");
    return number === undefined || number === 0 ? [] : [`hostPort ${String(number)}`];
  });
}

/** Volumes whose content is the cluster's own configuration, or nothing. */
const plainVolumes = ["emptyDir", "configMap", "secret", "projected", "downwardAPI"];

/** Volumes that reach outside of the pod: any that is not known to stay within. */
function volumeAccess(volume: unknown): readonly string[] {
  const path = text(volume, "hostPath", "path");
  if (path !== undefined) return [`hostPath ${path}`];
  return Object.entries(isMap(volume) ? volume : {})
    .filter(([key]) => key !== "name" && !plainVolumes.includes(key))
    .map(([key, content]) => withContent(`a volume of the kind ${key}`, content));
}

function whatHolds(volume: unknown): string {
  return withContent(`the volume ${text(volume, "name") ?? ""}`, volume);
}

/** What is laid over the files of a container's image. */
function mountsOf(container: unknown): readonly string[] {
  return list(container, "volumeMounts").map((mount) => {
    const what = `container ${text(container, "name") ?? ""}: the volume ${text(mount, "name") ?? ""}`;
    return withContent(`${what} at ${text(mount, "mountPath") ?? ""}`, mount);
  });
}

/** Names of the Secrets that containers can read. */
function secretsOf(spec: unknown, containers: readonly unknown[]): readonly string[] {
  const volumes = list(spec, "volumes");
  return [
    ...volumes.map((volume) => text(volume, "secret", "secretName")),
    ...volumes
      .flatMap((volume) => list(volume, "projected", "sources"))
      .map((each) => text(each, "secret", "name")),
    ...containers
      .flatMap((each) => list(each, "env"))
      .map((each) => text(each, "valueFrom", "secretKeyRef", "name")),
    ...containers.flatMap((each) => list(each, "envFrom")).map((each) => text(each, "secretRef", "name")),
  ].filter((name) => name !== undefined);
}

/** What a security context lifts. */
function looseSecurity(context: unknown): readonly string[] {
  const lifted = ["privileged", "allowPrivilegeEscalation"].filter((key) => field(context, key) === true);
  const unconfined = ["seccompProfile", "appArmorProfile"].filter(
    (key) => text(context, key, "type") === "Unconfined",
  );
  const linux = field(context, "seLinuxOptions");
  return [
    ...lifted,
    ...unconfined.map((key) => `no ${key}`),
    ...list(context, "capabilities", "add").map((capability) => `capability ${String(capability)}`),
    ...list(context, "sysctls").map((sysctl) => `sysctl ${text(sysctl, "name") ?? ""}`),
    ...(text(context, "procMount") === "Unmasked" ? ["procMount Unmasked"] : []),
    ...(field(context, "windowsOptions", "hostProcess") === true ? ["hostProcess"] : []),
    ...(linux === undefined ? [] : [`seLinuxOptions ${JSON.stringify(linux)}`]),
  ];
}

/** Fields of a container that decide what it executes. */
const executed = [
  "command",
  "args",
  "workingDir",
  "env",
  "envFrom",
  "lifecycle",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
];

function whatRuns(container: unknown, isCompared: boolean): string {
  const what = `${text(container, "name") ?? ""} of ${repositoryOf(text(container, "image") ?? "")}`;
  if (!isCompared) return what;
  return withContent(
    `${what} with another command or environment`,
    executed.map((key) => field(container, key) ?? null),
  );
}

// Other objects

/** Kinds that only describe, or whose rights are listed above. */
const plainKinds =
  /^(ConfigMap|ServiceAccount|ClusterRole|Role|ClusterRoleBinding|RoleBinding|Pod|DaemonSet|Deployment|StatefulSet|ReplicaSet|Job|CronJob|PodDisruptionBudget|ServiceMonitor|PodMonitor|PrometheusRule|Certificate|GatewayClass|IngressClass)$/;

/** Files of a chart of the project; the settings of cilium-config are compared one by one elsewhere. */
function filesOf(object: KubernetesObject): readonly string[] {
  const { kind, metadata } = object;
  if ((kind !== "ConfigMap" && kind !== "Secret") || metadata.name === "cilium-config") return [];
  const files = ["data", "binaryData", "stringData"].map((key) => field(object, key) ?? null);
  return [withContent(`${nameOf(object)} has other files`, files)];
}

/** Annotations by which Cilium gives a Service an address of a pool that it names itself (Cilium v1.19 `pkg/annotation/k8s.go`). */
const addressAnnotations = ["lbipam.cilium.io/ips", "io.cilium/lb-ipam-ips"];

/** Addresses that a Service takes itself, so that traffic for them goes to its pods, whatever had them before. */
function addressesOf(service: KubernetesObject): readonly string[] {
  const { annotations = {} } = service.metadata;
  return [
    ...list(service, "spec", "externalIPs").map(String),
    ...[text(service, "spec", "loadBalancerIP"), ...addressAnnotations.map((key) => annotations[key])].filter(
      (address) => address !== undefined && address !== "",
    ),
  ].map((address) => `${nameOf(service)} takes the address ${address ?? ""}`);
}

/** Objects of kinds that act on the cluster themselves: webhooks, API services, certificate requests, conversions of a CRD. */
function ofOtherKinds(object: KubernetesObject): readonly string[] {
  const { kind, metadata, apiVersion } = object;
  switch (kind) {
    case "Service":
      return addressesOf(object);
    case "Secret": {
      const isToken = text(object, "type") === "kubernetes.io/service-account-token";
      return isToken ? [withContent(`${nameOf(object)} holds a token`, metadata.annotations)] : [];
    }
    case "Namespace":
      return Object.entries(metadata.labels ?? {})
        .filter(([label]) => label.startsWith("pod-security.kubernetes.io/"))
        .map(([label, level]) => `${nameOf(object)} has ${label}: ${level}`);
    case "CustomResourceDefinition": {
      const conversion = field(object, "spec", "conversion", "webhook");
      return conversion === undefined
        ? []
        : [withContent(`${nameOf(object)} is converted by a webhook`, conversion)];
    }
    default: {
      if (plainKinds.test(kind)) return [];
      return [withContent(`${nameOf(object)} of ${apiVersion}`, { ...object, metadata: undefined })];
    }
  }
}
