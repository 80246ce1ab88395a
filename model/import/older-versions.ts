import { type KubernetesObject, defined, field, isMap, list } from "../kubernetes/object";

type Fields = Readonly<Record<string, unknown>>;

/** An object of Cluster API's v1beta1 with its fields where v1beta2 has them; any other as it is. */
export function upToDate(object: KubernetesObject): KubernetesObject {
  const spec = field(object, "spec");
  if (!isMap(spec)) return object;
  const change = changes[object.kind];
  return change === undefined ? object : { ...object, spec: change(spec) };
}

const changes: Readonly<Record<string, (spec: Fields) => Fields>> = {
  Cluster: (spec) => ({ ...spec, ...references(spec, ["infrastructureRef", "controlPlaneRef"]) }),
  KubeadmControlPlane: (spec) => {
    const { rolloutStrategy, rolloutBefore, machineTemplate, kubeadmConfigSpec, ...rest } = spec;
    const days = field(rolloutBefore, "certificatesExpiryDays");
    const before = days === undefined ? undefined : { certificatesExpiryDays: days };
    const rollout = defined({ before, strategy: rolloutStrategy });
    return {
      ...rest,
      ...(Object.keys(rollout).length === 0 ? {} : { rollout }),
      ...(isMap(machineTemplate) ? { machineTemplate: machinesOf(machineTemplate) } : {}),
      ...(isMap(kubeadmConfigSpec) ? { kubeadmConfigSpec: kubeadm(kubeadmConfigSpec) } : {}),
    };
  },
  KubeadmConfigTemplate: (spec) => inTemplate(spec, kubeadm),
  MachineDeployment: (spec) => {
    const { strategy, template, ...rest } = spec;
    const machine = field(template, "spec");
    return {
      ...rest,
      ...(strategy === undefined ? {} : { rollout: { strategy } }),
      ...(isMap(template) && isMap(machine)
        ? {
            template: {
              ...template,
              spec: {
                ...deletionOf(machine),
                ...references(machine, ["infrastructureRef"]),
                ...(isMap(machine["bootstrap"])
                  ? {
                      bootstrap: {
                        ...machine["bootstrap"],
                        ...references(machine["bootstrap"], ["configRef"]),
                      },
                    }
                  : {}),
              },
            },
          }
        : {}),
    };
  },
  Metal3MachineTemplate: (spec) =>
    inTemplate(spec, (machine) => {
      const { image, ...rest } = machine;
      if (!isMap(image)) return machine;
      const { format, ...others } = image;
      return { ...rest, image: { ...others, ...(format === undefined ? {} : { diskFormat: format }) } };
    }),
  Metal3DataTemplate: (spec) => {
    const { metaData, ...rest } = spec;
    if (!isMap(metaData)) return spec;
    const { ipAddressesFromIPPool, ...others } = metaData;
    const pools = ipAddressesFromIPPool === undefined ? {} : { ipAddressesFromPool: ipAddressesFromIPPool };
    return { ...rest, metaData: { ...others, ...pools } };
  },
  MachineHealthCheck: (spec) => {
    const { nodeStartupTimeout, unhealthyConditions, maxUnhealthy, remediationTemplate, ...rest } = spec;
    if (rest["checks"] !== undefined || rest["remediation"] !== undefined) return spec;
    const conditions = list({ unhealthyConditions }, "unhealthyConditions").map((condition) =>
      isMap(condition)
        ? {
            ...without(condition, ["timeout"]),
            timeoutSeconds: seconds(condition["timeout"]),
          }
        : condition,
    );
    return {
      ...rest,
      checks: defined({
        nodeStartupTimeoutSeconds: seconds(nodeStartupTimeout),
        unhealthyNodeConditions: conditions.length === 0 ? undefined : conditions,
      }),
      remediation: defined({
        triggerIf: maxUnhealthy === undefined ? undefined : { unhealthyLessThanOrEqualTo: maxUnhealthy },
        templateRef: remediationTemplate,
      }),
    };
  },
};

function inTemplate(spec: Fields, change: (inner: Fields) => Fields): Fields {
  const inner = field(spec, "template", "spec");
  if (!isMap(inner)) return spec;
  return { ...spec, template: { ...(spec["template"] as Fields), spec: change(inner) } };
}

/** v1beta1 names a version, v1beta2 the group alone. */
function references(holder: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const reference = holder[key];
      if (!isMap(reference)) return [];
      const { apiVersion, kind, name, apiGroup } = reference;
      const group = apiGroup ?? (typeof apiVersion === "string" ? apiVersion.split("/")[0] : undefined);
      return [[key, defined({ apiGroup: group, kind, name })]];
    }),
  );
}

function machinesOf(template: Fields): Fields {
  if (isMap(template["spec"])) return template;
  const { metadata, ...rest } = template;
  return {
    ...(metadata === undefined ? {} : { metadata }),
    spec: { ...deletionOf(rest), ...references(rest, ["infrastructureRef"]) },
  };
}

function deletionOf(machine: Fields): Fields {
  const { nodeDrainTimeout, nodeVolumeDetachTimeout, nodeDeletionTimeout, ...rest } = machine;
  const deletion = defined({
    nodeDrainTimeoutSeconds: seconds(nodeDrainTimeout),
    nodeVolumeDetachTimeoutSeconds: seconds(nodeVolumeDetachTimeout),
    nodeDeletionTimeoutSeconds: seconds(nodeDeletionTimeout),
  });
  return Object.keys(deletion).length === 0 ? rest : { ...rest, deletion };
}

/** Arguments are a map in v1beta1 and a list in v1beta2. */
function kubeadm(value: Fields): Fields {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if ((key === "extraArgs" || key === "kubeletExtraArgs") && isMap(inner)) {
        return [key, Object.entries(inner).map(([name, text]) => ({ name, value: text }))];
      }
      return [key, isMap(inner) ? kubeadm(inner) : inner];
    }),
  );
}

function without(map: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

/** `5m0s`, `300s`, `2h` or a number as seconds; undefined for anything else. */
function seconds(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || !/^(\d+(\.\d+)?(h|m|s))+$/.test(value)) return undefined;
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };
  return [...value.matchAll(/(\d+(?:\.\d+)?)([hms])/g)].reduce(
    (sum, [, amount = "0", unit = "s"]) => sum + Number(amount) * (units[unit] ?? 0),
    0,
  );
}
