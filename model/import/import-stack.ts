import { type NotCarried, Draft } from "./draft";
import { comparedWithPlan } from "./compare";
import { clusterNetwork, controlPlaneOf, endpointOf, importKubernetes } from "./cluster";
import { importBgp } from "./bgp";
import { importCilium, remainingValues } from "./cilium";
import { importHosts } from "./hosts";
import { type Inputs, ofKind, readInputs } from "./inputs";
import { importMachines } from "./machines";
import { type ImportedPool, importPools, poolFields, poolImage } from "./pools";
import { placeholderHost } from "../fleet/new-stack";
import { controlPlanePool } from "../kubernetes/labels";
import { defined, field, isMap, list, text } from "../kubernetes/object";
import { withoutProxy } from "../plan/manifests/machine-files";
import { planCluster } from "../plan/plan-cluster";
import { nameWithin, shownField } from "../redaction/objects";
import { shownOnOneLine } from "../redaction/shown";
import { listed } from "../text/wording";
import { machineLimits } from "../stack/pools";
import { readStack } from "../stack/read-stack";
import type { Stack } from "../stack/schema";
import type { FileText } from "../stack/source/yaml-file";
import { stackFileText } from "../stack/stack-file-text";

/** A stack file made from objects, and what it does not hold of them. */
export interface ImportedStack {
  readonly name: string;
  readonly text: string;
  /** The same as a stack, with placeholders for secrets. */
  readonly stack: Stack;
  readonly notCarried: readonly NotCarried[];
  /** What the stack plans although no input has it. */
  readonly added: readonly NotCarried[];
}

/** What was wrong with the inputs, a line each. */
export interface RefusedImport {
  readonly problems: readonly string[];
}

interface Wanted {
  /** Name of the stack; the cluster's when left out. */
  readonly name?: string | undefined;
  /** Context of the management cluster. */
  readonly context?: string | undefined;
}

type Raw = Readonly<Record<string, unknown>>;

/** Makes a stack file from the objects in files. Pure; refuses bad input with all that is wrong. */
export function importStack(files: readonly FileText[], wanted: Wanted = {}): ImportedStack | RefusedImport {
  const inputs = readInputs(files);
  if ("problems" in inputs) return inputs;
  const cluster = clusterName(inputs) ?? wanted.name;
  if (cluster === undefined)
    return { problems: ["no input names the cluster; add the Cluster, or pass --name"] };
  const name = wanted.name ?? cluster;
  const pools = importPools(inputs, cluster);
  const endpoint = endpointOf(inputs, pools);
  const draft = new Draft(inputs, cluster, endpoint.host);
  const written = withoutSecretTexts(
    configOf(inputs, { name, cluster, context: wanted.context }, pools, draft),
    draft,
  );
  const first = readStack(forPlan(written, draft), name);
  if (first.stack === undefined)
    return { problems: first.findings.map(({ at, problem, fix }) => `${at}: ${problem}; ${fix}`) };
  const values = withoutSecretTexts(
    remainingValues(inputs, first.stack, hasKubeProxy(pools), draft),
    draft,
    "cilium.values",
  );
  const raw = {
    ...written,
    ...(Object.keys(values).length === 0 ? {} : { cilium: { ...(written["cilium"] as Raw), values } }),
    ...withFurtherNoProxy(written["machines"] as Raw | undefined, first.stack),
  };
  const { stack, findings } = readStack(forPlan(raw, draft), name);
  if (stack === undefined)
    return { problems: findings.map(({ at, problem, fix }) => `${at}: ${problem}; ${fix}`) };
  draft.noteSecrets();
  const compared = comparedWithPlan(inputs, pools, planCluster(stack), draft);
  return { name, text: textOf(name, files, raw, draft), stack, ...compared };
}

/** The proxy of `machines` without the exceptions that every stack has. */
function withFurtherNoProxy(machines: Raw | undefined, stack: Stack): Raw {
  const proxy = stack.machines.proxy;
  if (machines === undefined || proxy === undefined) return {};
  const own = withoutProxy({ ...stack, machines: { ...stack.machines, proxy: { ...proxy, noProxy: [] } } });
  const noProxy = proxy.noProxy.filter((each) => !own.includes(each));
  const { http, https } = proxy;
  return {
    machines: {
      ...machines,
      proxy: { ...defined({ http, https }), ...(noProxy.length === 0 ? {} : { noProxy }) },
    },
  };
}

function clusterName(inputs: Inputs): string | undefined {
  const [cluster, infrastructure, controlPlane, deployment] = (
    ["Cluster", "Metal3Cluster", "KubeadmControlPlane", "MachineDeployment"] as const
  ).map((kind) => ofKind(inputs, kind)[0]);
  return (
    cluster?.metadata.name ??
    text(deployment, "spec", "clusterName") ??
    infrastructure?.metadata.name ??
    controlPlane?.metadata.name
  );
}

function configOf(
  inputs: Inputs,
  { name, cluster, context }: { name: string; cluster: string; context: string | undefined },
  pools: readonly ImportedPool[],
  draft: Draft,
): Raw {
  const endpoint = endpointOf(inputs, pools);
  const kubernetes = importKubernetes(pools, endpoint, draft);
  const { hosts, network } = importHosts(inputs, pools, draft);
  const { machines, own } = importMachines(pools, draft);
  if ("files" in machines) {
    draft.yours(
      "machines",
      "contents of files are as they were; a file with a secret belongs into secretFiles",
    );
  }
  const controlPlane = controlPlaneOf(pools);
  const workers = pools.filter((pool) => pool !== controlPlane);
  const image = imageOf(pools, inputs, draft);
  const namespace = namespaceOf(inputs);
  draft.yours(
    "management",
    `context${namespace === undefined ? " and namespace" : ""} of the management cluster`,
  );
  const isSchedulable = controlPlane?.kubeadm.taints?.length === 0;
  const values = inputs.values?.map ?? {};
  return filled({
    name: name === cluster ? undefined : cluster,
    management: { context: context ?? "management", namespace: namespace ?? cluster },
    kubernetes,
    network: { ...network, ...clusterNetwork(ofKind(inputs, "Cluster")[0], pools, values) },
    image,
    bmc: draft.logins(),
    hosts: hosts.length === 0 ? placeholderHosts(cluster, pools, draft) : hosts,
    controlPlane: {
      ...(controlPlane === undefined ? {} : poolFields(inputs, controlPlane)),
      ...own.get(controlPlanePool),
      ...renewal(controlPlane),
      ...(controlPlane === undefined || isSchedulable === (workers.length === 0)
        ? {}
        : { schedulable: isSchedulable }),
    },
    workers: workers.map((pool) => {
      const settings = own.get(pool.name) ?? {};
      const other = poolImage(pool);
      const differs =
        other !== undefined && JSON.stringify(other) !== JSON.stringify(without(image, "cniBinaryPath"));
      const { taints } = pool.kubeadm;
      return {
        name: pool.name,
        ...poolFields(inputs, pool),
        ...(taints === undefined || taints.length === 0 ? {} : { taints }),
        ...(differs ? { image: other } : {}),
        ...(Object.keys(settings).length === 0 ? {} : { machines: settings }),
      };
    }),
    machines,
    cilium: importCilium(inputs, draft),
    ...importBgp(inputs, pools, draft),
  });
}

/** The namespace of the cluster's objects in the management cluster. */
function namespaceOf(inputs: Inputs): string | undefined {
  const managed = (["Cluster", "KubeadmControlPlane", "MachineDeployment", "BareMetalHost"] as const).flatMap(
    (kind) => ofKind(inputs, kind),
  );
  return managed.flatMap(({ metadata }) => metadata.namespace ?? [])[0];
}

/** Without keys that hold nothing. */
function filled(config: Raw): Raw {
  return Object.fromEntries(
    Object.entries(config).filter(
      ([, value]) =>
        value !== undefined && (typeof value !== "object" || value === null || Object.keys(value).length > 0),
    ),
  );
}

function without(map: Raw, key: string): Raw {
  return Object.fromEntries(Object.entries(map).filter(([each]) => each !== key));
}

function renewal(controlPlane: ImportedPool | undefined): Raw {
  const days = field(controlPlane?.object, "spec", "rollout", "before", "certificatesExpiryDays");
  return days === undefined ? {} : { renewCertificatesBeforeDays: days };
}

function imageOf(pools: readonly ImportedPool[], inputs: Inputs, draft: Draft): Raw {
  const image = pools.flatMap((pool) => poolImage(pool) ?? [])[0];
  if (image === undefined)
    draft.yours("image", "a placeholder: no input has an image; docs/image.md lists what it must hold");
  const binPath = text(inputs.values?.map, "cni", "binPath");
  return {
    ...(image ?? {
      url: "http://images.invalid/machine.qcow2",
      checksum: "http://images.invalid/machine.qcow2.sha256sum",
    }),
    ...(binPath === undefined || binPath === "/opt/cni/bin" ? {} : { cniBinaryPath: binPath }),
  };
}

/** Hosts for machines of which no input has one. */
function placeholderHosts(name: string, pools: readonly ImportedPool[], draft: Draft): readonly object[] {
  draft.yours(
    "hosts",
    "no input has a BareMetalHost; MAC and BMC addresses and serial numbers are placeholders",
  );
  // More are refused with the stack file that asks for them.
  const controlPlanes = Math.min(controlPlaneOf(pools)?.replicas ?? 3, machineLimits.controlPlane);
  const workers = pools.filter((pool) => pool.name !== controlPlanePool);
  const of = [
    ...Array.from({ length: controlPlanes }, () => controlPlanePool),
    ...workers.flatMap((pool) =>
      Array.from({ length: Math.min(pool.replicas, machineLimits.pool) }, () => pool.name),
    ),
  ];
  return of.map((pool, i) => ({ ...placeholderHost({ name, controlPlanes, port: "eno1" }, i, {}), pool }));
}

/** Whether the control plane installs kube-proxy. */
function hasKubeProxy(pools: readonly ImportedPool[]): boolean {
  const controlPlane = controlPlaneOf(pools);
  return (
    controlPlane !== undefined &&
    !list(controlPlane.kubeadm.spec, "initConfiguration", "skipPhases").includes("addon/kube-proxy")
  );
}

/** The configuration with something at the place of each secret, as the program has it. */
function forPlan(raw: Raw, draft: Draft): unknown {
  const whole = structuredClone(raw) as Record<string, unknown>;
  for (const place of draft.places) {
    const steps = place.split(/[.[\]]+/).filter((step) => step !== "");
    const last = steps.pop() ?? "";
    let here = whole;
    for (const step of steps) here = (here[step] ??= {}) as Record<string, unknown>;
    here[last] = place;
  }
  return whole;
}

/** Texts in which a secret is found, such as a URL with a login: they are written without it, and noted. */
function withoutSecretTexts(config: Raw, draft: Draft, within = ""): Raw {
  return cleaned(config, "", within, draft) as Raw;
}

/** `name` is what the value is judged by: of a part of a secret, or the value beside a secret's name, that of the secret. */
function cleaned(value: unknown, name: string, at: string, draft: Draft): unknown {
  if (Array.isArray(value)) return value.map((item, i) => cleaned(item, name, `${at}[${i}]`, draft));
  if (isMap(value)) {
    const inside = ([key, item]: [string, unknown]) => [
      key,
      cleaned(item, nameWithin([value], name, key), at === "" ? key : `${at}.${key}`, draft),
    ];
    return Object.fromEntries(Object.entries(value).map(inside));
  }
  const shown = shownField(name, value);
  // At the place of a secret there is nothing to write: the command for it is named already.
  if (shown === value || draft.places.includes(at)) return shown;
  const problem = "held a secret in plain text; [secret] is in its place";
  draft.yours(at.replace(/[.[].*/s, ""), `${at} ${problem}`);
  draft.notes.push({ file: "", object: "the stack file", at, why: problem });
  return shown;
}

function textOf(name: string, files: readonly FileText[], raw: Raw, draft: Draft): string {
  return stackFileText({
    header: [
      `${name}: a stack file written by npm run metal -- import from ${listed(
        files.map((file) => shownOnOneLine(file.name)),
        5,
      )}.`,
      `Replace what is marked "yours", then: npm run metal -- check --stack ${name}`,
    ],
    config: Object.fromEntries(Object.entries(raw).map(([key, value]) => [`metal:${key}`, value])),
    comments: draft.comments(),
  });
}
