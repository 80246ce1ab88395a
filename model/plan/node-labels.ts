/** Label domains of nodes that Cluster API keeps by itself (machine_types.go: role prefix, restriction, managed domain). */
const keptDomains =
  /^node-role\.kubernetes\.io$|(^|\.)(node-restriction\.kubernetes\.io|node\.cluster\.x-k8s\.io)$/;

/** Whether Cluster API copies such a label from a Machine to its node whenever it changes; any other is the kubelet's, at its first start. */
export function isKeptOnNodes(key: string): boolean {
  return keptDomains.test(key.slice(0, Math.max(0, key.indexOf("/"))));
}

/** The labels that go onto Machines: they change in place. */
export function machineLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => isKeptOnNodes(key)));
}

/** The labels that the kubelet sets: a change of one replaces the machines. */
export function kubeletLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !isKeptOnNodes(key)));
}
