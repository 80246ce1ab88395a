import { stringify } from "yaml";

/** Pods whose state the simulated Cilium writes itself: kwok leaves them alone. */
const playedByUs = [
  { key: '.metadata.labels["k8s-app"]', operator: "NotIn", values: ["cilium"] },
  { key: '.metadata.labels["io.cilium/app"]', operator: "NotIn", values: ["operator"] },
];

const alive = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };
const readyStatus = '.status.conditions.[] | select( .type == "Ready" ) | .status';

/** Set on a pod when the network of its node works; pods on the host's network need none. */
export const podNetworkAnnotation = "lab.metal/pod-network";

const runningStatus = `
{{ $now := Now }}
conditions:
- {type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }}}
containerStatuses:
{{ range .spec.containers }}
- {name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: "", ready: true, started: true, restartCount: 0, state: {running: {startedAt: {{ $now | Quote }}}}}
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: true
  restartCount: 0
  {{ if eq .restartPolicy "Always" }}
  started: true
  state: {running: {startedAt: {{ $now | Quote }}}}
  {{ else }}
  state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}
  {{ end }}
{{ end }}
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ with (PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" )) }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
phase: Running
startTime: {{ $now | Quote }}
`;

const completed = `
{{ $now := Now }}
containerStatuses:
{{ range .spec.containers }}
- {name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: "", ready: false, started: false, restartCount: 0, state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}}
{{ end }}
phase: Succeeded
`;

const readyAgain = `
{{ $now := Now }}
conditions:
- {type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }}}
`;

/**
 * What kwok does as kubelet, as YAML documents. Nodes are written by us; a pod runs once its network is there. The last
 * stage repairs what the node lifecycle controller does once to pods of a NotReady node, as a kubelet would.
 */
export function kubeletStages(): string {
  return documents(stages([]));
}

/** The same for pods on their host's network alone: those of the pod network, and Cilium's, run for real. */
export function hostNetworkStages(): string {
  const onHost = { key: ".spec.hostNetwork", operator: "In", values: ["true"] };
  return documents(stages([onHost, ...playedByUs]));
}

function documents(list: readonly unknown[]): string {
  return list.map((entry) => stringify(entry)).join("---\n");
}

function stages(ofPods: readonly unknown[]): readonly unknown[] {
  const pending = [
    ...ofPods,
    alive,
    { key: ".status.phase", operator: "In", values: ["Pending"] },
    { key: readyStatus, operator: "NotIn", values: ["True"] },
    ...playedByUs,
  ];
  return [
    stage("node-running", "Node", [{ key: ".status.phase", operator: "NotIn", values: ["Running"] }], {
      statusTemplate: "phase: Running\n",
    }),
    stage(
      "pod-on-host-network",
      "Pod",
      [...pending, { key: ".spec.hostNetwork", operator: "In", values: ["true"] }],
      { statusTemplate: runningStatus },
    ),
    stage(
      "pod-on-pod-network",
      "Pod",
      [
        ...pending,
        { key: `.metadata.annotations["${podNetworkAnnotation}"]`, operator: "In", values: ["ready"] },
      ],
      { statusTemplate: runningStatus },
    ),
    stage(
      "pod-complete",
      "Pod",
      [
        ...ofPods,
        alive,
        { key: ".status.phase", operator: "In", values: ["Running"] },
        { key: ".metadata.ownerReferences.[].kind", operator: "In", values: ["Job"] },
      ],
      { statusTemplate: completed },
    ),
    stage("pod-delete", "Pod", [...ofPods, { key: ".metadata.deletionTimestamp", operator: "Exists" }], {
      delete: true,
    }),
    stage(
      "pod-ready-again",
      "Pod",
      [
        ...ofPods,
        alive,
        { key: ".status.phase", operator: "In", values: ["Running"] },
        { key: readyStatus, operator: "In", values: ["False"] },
        ...playedByUs,
      ],
      { statusTemplate: readyAgain },
      500,
    ),
  ];
}

function stage(
  name: string,
  kind: string,
  matchExpressions: unknown,
  next: unknown,
  delay?: number,
): unknown {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: "v1", kind },
      selector: { matchExpressions },
      ...(delay === undefined ? {} : { delay: { durationMilliseconds: delay } }),
      next,
    },
  };
}
