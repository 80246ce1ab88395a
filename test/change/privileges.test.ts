import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { newPrivileges } from "../../model/change/privileges";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { recorded } from "../proofs/recorded";
import { stackWith } from "../model/stacks";
import { between, side } from "./sides";

const objectsOf = (text: string) =>
  parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);

const role = (rules: string, name = "a") =>
  `{ kind: ClusterRole, metadata: { name: ${name} }, rules: [${rules}] }`;
const account = "{ kind: ServiceAccount, name: a, namespace: n }";
const binding = (roleName: string, subject = account) =>
  `{ kind: ClusterRoleBinding, metadata: { name: b }, roleRef: { kind: ClusterRole, name: ${roleName} }, subjects: [${subject}] }`;
const pods = (spec: string, container = "", kind = "Deployment") =>
  `{ kind: ${kind}, metadata: { name: d, namespace: n }, spec: { template: { spec: { ${spec} containers: [{ name: c, image: "r/i:1", ${container} }] } } } }`;
const plainPods = pods("");
const otherPods = plainPods.replace("name: d", "name: other").replace("r/i", "r/j");
const hostPods = pods("hostNetwork: true,");
const service = (spec: string, metadata = "") =>
  `{ kind: Service, metadata: { name: s, namespace: n, ${metadata} }, spec: { ${spec} } }`;
const webhook = (url: string) =>
  `{ apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: { name: w }, webhooks: [{ name: w, clientConfig: { url: "${url}" } }] }`;

/** What is there before, what comes, and what the row says; a chart's own files or values can make each of them. */
const grave: Readonly<Record<string, [before: string, after: string, found: RegExp]>> = {
  "another image of pods without privileges": [
    plainPods,
    plainPods.replace("r/i", "evil.example/i"),
    /^Deployment n\/d has container c of evil.example\/i$/,
  ],
  "another image of the same folder": [
    plainPods,
    plainPods.replace("r/i", "r/j"),
    /^Deployment n\/d has container c of r\/j$/,
  ],
  "an image from elsewhere in new pods": [
    otherPods,
    plainPods.replace("r/i", "evil.example:5000/i"),
    /^Deployment n\/d has container c of evil.example:5000\/i$/,
  ],
  "a further container from elsewhere": [
    plainPods,
    plainPods.replace(
      "containers: [",
      'initContainers: [{ name: d, image: "evil.example/i" }], containers: [',
    ),
    /^Deployment n\/d has container d of evil.example\/i$/,
  ],
  "an image from elsewhere in a job of a schedule": [
    otherPods,
    `{ kind: CronJob, metadata: { name: j }, spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: c, image: evil.example/i }] } } } } } }`,
    /^CronJob j has container c of evil.example\/i$/,
  ],
  "a binding to cluster-admin": [
    "",
    binding("cluster-admin"),
    /^ServiceAccount n\/a has ClusterRole cluster-admin$/,
  ],
  "another subject of a binding": [
    binding("cluster-admin"),
    binding("cluster-admin", `${account}, { kind: Group, name: "system:authenticated" }`),
    /^Group system:authenticated has/,
  ],
  "a binding of a group to a role that reads": [
    role("{ apiGroups: [''], resources: [pods], verbs: [get] }"),
    `${role("{ apiGroups: [''], resources: [pods], verbs: [get] }")}\n---\n${binding("a", "{ kind: Group, name: all }")}`,
    /^Group all has ClusterRole a/,
  ],
  "a wildcard of verbs": [
    "",
    role("{ apiGroups: [''], resources: [pods], verbs: ['*'] }"),
    /permits \* of pods/,
  ],
  "a wildcard of resources": [
    role("{ apiGroups: [''], resources: [pods], verbs: [get] }"),
    role("{ apiGroups: [''], resources: ['*'], verbs: [get] }"),
    /permits get of \*/,
  ],
  "a wildcard of URLs": ["", role("{ nonResourceURLs: ['*'], verbs: [get] }"), /permits requests to \*/],
  "Secrets to read": [
    "",
    role("{ apiGroups: [''], resources: [secrets], verbs: [list] }"),
    /list of secrets/,
  ],
  "one more Secret to read": [
    role("{ apiGroups: [''], resources: [secrets], verbs: [get], resourceNames: [a] }"),
    role("{ apiGroups: [''], resources: [secrets], verbs: [get], resourceNames: [a, b] }"),
    /^ClusterRole a permits get of secrets named b$/,
  ],
  "commands in pods": [
    "",
    role("{ apiGroups: [''], resources: [pods/exec], verbs: [get] }"),
    /get of pods\/exec/,
  ],
  "the rights of others": [
    "",
    role("{ apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [escalate, bind] }"),
    /escalate of clusterroles\.rbac/,
  ],
  "tokens of others": [
    "",
    role("{ apiGroups: [''], resources: [serviceaccounts/token], verbs: [create] }"),
    /token/,
  ],
  "rules by a label": [
    "",
    "{ kind: ClusterRole, metadata: { name: a }, aggregationRule: { clusterRoleSelectors: [] } }",
    /the rules of other roles$/,
  ],
  "rules for a built-in role": [
    "",
    "{ kind: ClusterRole, metadata: { name: a, labels: { rbac.authorization.k8s.io/aggregate-to-view: 'true' } } }",
    /aggregate-to-view/,
  ],
  "a privileged container": [
    plainPods,
    pods("", "securityContext: { privileged: true }"),
    /container c: privileged/,
  ],
  "a privileged container of a CronJob": [
    "",
    "{ kind: CronJob, metadata: { name: j }, spec: { jobTemplate: { spec: { template: { spec: { initContainers: [{ name: c, image: i, securityContext: { privileged: true } }], containers: [] } } } } } }",
    /^CronJob j has container c: privileged/m,
  ],
  "a capability": [
    pods("", "securityContext: { capabilities: { add: [NET_ADMIN] } }"),
    pods("", "securityContext: { capabilities: { add: [NET_ADMIN, SYS_ADMIN] } }"),
    /^Deployment n\/d has container c: capability SYS_ADMIN$/,
  ],
  "no seccomp profile": [
    plainPods,
    pods("securityContext: { seccompProfile: { type: Unconfined } },"),
    /has no seccompProfile/,
  ],
  "the host's network": [plainPods, hostPods, /has hostNetwork/],
  "the host's processes": [plainPods, pods("hostPID: true,"), /has hostPID/],
  "the host's files": [
    pods("volumes: [{ name: v, hostPath: { path: /run } }],"),
    pods("volumes: [{ name: v, hostPath: { path: / } }],"),
    /has hostPath \/$/m,
  ],
  "another container in privileged pods": [
    hostPods,
    pods('hostNetwork: true, initContainers: [{ name: x, image: "r/i:1" }],'),
    /has container x of r\/i/,
  ],
  "another image in privileged pods": [
    hostPods,
    hostPods.replace("r/i:1", "other.example.com:5000/i:1"),
    /has container c of other\.example\.com:5000\/i /,
  ],
  "another command in privileged pods": [
    hostPods,
    pods("hostNetwork: true,", "command: [sh, -c, PLANTED]"),
    /has container c of r\/i with another command or environment$/,
  ],
  "pods with the account of others": [
    `${binding("cluster-admin")}\n---\n${plainPods}`,
    `${binding("cluster-admin")}\n---\n${pods("serviceAccountName: a,")}`,
    /has the rights of ServiceAccount n\/a/,
  ],
  "an image as a volume": [
    hostPods,
    pods('hostNetwork: true, volumes: [{ name: v, image: { reference: "other.example.com/i:1" } }],'),
    /^Deployment n\/d has a volume of the kind image$/m,
  ],
  "another server of a volume": [
    pods("volumes: [{ name: v, nfs: { server: a, path: / } }],"),
    pods("volumes: [{ name: v, nfs: { server: PLANTED, path: / } }],"),
    /has a volume of the kind nfs/,
  ],
  "a volume of a kind that is not known": [
    plainPods,
    pods("volumes: [{ name: v, newKind: {} }],"),
    /has a volume of the kind newKind/,
  ],
  "another ConfigMap in privileged pods": [
    pods("hostNetwork: true, volumes: [{ name: v, configMap: { name: a } }],"),
    pods("hostNetwork: true, volumes: [{ name: v, configMap: { name: b } }],"),
    /^Deployment n\/d has the volume v$/,
  ],
  "a volume over programs of privileged pods": [
    pods("hostNetwork: true,", "volumeMounts: [{ name: v, mountPath: /tmp }]"),
    pods("hostNetwork: true,", "volumeMounts: [{ name: v, mountPath: /usr/bin }]"),
    /^Deployment n\/d has container c: the volume v at \/usr\/bin$/,
  ],
  "another part of a volume in privileged pods": [
    pods("hostNetwork: true,", "volumeMounts: [{ name: v, mountPath: /a, subPath: a }]"),
    pods("hostNetwork: true,", "volumeMounts: [{ name: v, mountPath: /a, subPath: b }]"),
    /the volume v at \/a$/,
  ],
  "an account that is none of the chart's": [
    plainPods,
    pods("serviceAccountName: other,"),
    /has the rights of ServiceAccount n\/other/,
  ],
  "an account of another namespace's chart": [
    "{ kind: ServiceAccount, metadata: { name: other, namespace: m } }",
    `{ kind: ServiceAccount, metadata: { name: other, namespace: m } }\n---\n${pods("serviceAccount: other,")}`,
    /has the rights of ServiceAccount n\/other/,
  ],
  "a port of the machine": [
    pods("", "ports: [{ containerPort: 6443 }]"),
    pods("", "ports: [{ containerPort: 6443, hostPort: 6443 }]"),
    /has container c: hostPort 6443/,
  ],
  "a machine of its choice": [plainPods, pods("nodeName: capi-1-cp-1,"), /has its place on capi-1-cp-1/],
  "a Secret of others as a volume": [
    plainPods,
    pods("volumes: [{ name: v, secret: { secretName: s } }],"),
    /has the content of Secret n\/s/,
  ],
  "a Secret of others as a part of a volume": [
    plainPods,
    pods("volumes: [{ name: v, projected: { sources: [{ secret: { name: s } }] } }],"),
    /has the content of Secret n\/s/,
  ],
  "a Secret of others in a variable": [
    plainPods,
    pods("", "env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: k } } }]"),
    /has the content of Secret n\/s/,
  ],
  "a Secret of others in all variables": [
    plainPods,
    pods("", "envFrom: [{ secretRef: { name: s } }]"),
    /has the content of Secret n\/s/,
  ],
  "an address that a Service takes": [
    service("externalIPs: [10.0.0.1]"),
    service("externalIPs: [10.0.0.1, 10.250.250.29]"),
    /^Service n\/s takes the address 10\.250\.250\.29$/,
  ],
  "an address of a pool that a Service takes": [
    service(""),
    service("loadBalancerIP: 10.0.0.1"),
    /^Service n\/s takes the address 10\.0\.0\.1$/,
  ],
  "an address that an annotation takes": [
    service(""),
    service("", "annotations: { lbipam.cilium.io/ips: 10.0.0.1 }"),
    /^Service n\/s takes the address 10\.0\.0\.1$/,
  ],
  "a webhook": ["", webhook("https://a"), /^MutatingWebhookConfiguration w of admissionregistration/],
  "a webhook that goes elsewhere": [
    webhook("https://a"),
    webhook("https://b"),
    /^MutatingWebhookConfiguration w/,
  ],
  "an API service": [
    "",
    "{ apiVersion: v1, kind: APIService, metadata: { name: a }, spec: {} }",
    /^APIService a/,
  ],
  "a conversion of a kind": [
    "{ kind: CustomResourceDefinition, metadata: { name: a }, spec: {} }",
    "{ kind: CustomResourceDefinition, metadata: { name: a }, spec: { conversion: { webhook: { clientConfig: {} } } } }",
    /^CustomResourceDefinition a is converted by a webhook$/,
  ],
  "a policy that drops traffic": [
    "",
    "{ apiVersion: cilium.io/v2, kind: CiliumClusterwideNetworkPolicy, metadata: { name: p }, spec: {} }",
    /^CiliumClusterwideNetworkPolicy p of cilium\.io\/v2$/,
  ],
  "an account's token": [
    "",
    "{ kind: Secret, metadata: { name: s }, type: kubernetes.io/service-account-token }",
    /^Secret s holds a token$/,
  ],
  "a namespace for privileged pods": [
    "{ kind: Namespace, metadata: { name: n } }",
    "{ kind: Namespace, metadata: { name: n, labels: { pod-security.kubernetes.io/enforce: privileged } } }",
    /enforce: privileged/,
  ],
};

/** Changes that give nothing that was not there. */
const plain: Readonly<Record<string, [before: string, after: string]>> = {
  "a role that reads": [
    "",
    role("{ apiGroups: [''], resources: [pods, nodes/status], verbs: [get, list, watch] }"),
  ],
  "an account bound to a role that reads": [
    "",
    `${role("{ apiGroups: [''], resources: [pods], verbs: [get] }")}\n---\n${binding("a")}`,
  ],
  "the same rules in another order": [
    role("{ apiGroups: [''], resources: [pods, secrets], verbs: [get, delete] }"),
    role(
      "{ apiGroups: [''], resources: [secrets], verbs: [delete, get] }, { apiGroups: [''], resources: [pods], verbs: [delete] }",
    ),
  ],
  "fewer rights": [role("{ apiGroups: [''], resources: ['*'], verbs: ['*'] }"), role("")],
  "pods without privileges, of images from where others come": [otherPods, plainPods],
  "another tag of an image": [plainPods, plainPods.replace("r/i:1", "r/i:2@sha256:0")],
  "pods with the chart's own account and Secret": [
    otherPods,
    `{ kind: ServiceAccount, metadata: { name: a, namespace: n } }
---
{ kind: Secret, metadata: { name: s, namespace: n } }
---
${pods("serviceAccountName: a, volumes: [{ name: v, secret: { secretName: s } }],")}`,
  ],
  "another volume of pods without privileges": [
    plainPods,
    pods("volumes: [{ name: v, configMap: { name: b } }],", "volumeMounts: [{ name: v, mountPath: /b }]"),
  ],
  "fewer volumes of privileged pods": [
    pods(
      "hostNetwork: true, volumes: [{ name: v, emptyDir: {} }],",
      "volumeMounts: [{ name: v, mountPath: /b }]",
    ),
    hostPods,
  ],
  "a port of pods that have all of the machine's": [
    hostPods,
    pods("hostNetwork: true,", "ports: [{ containerPort: 1, hostPort: 1 }]"),
  ],
  "a Service without an address of its own": ["", service("ports: [{ port: 80 }]")],
  "another version of a privileged image": [hostPods, hostPods.replace("i:1", "i:2@sha256:0a")],
};

describe("privileges of rendered objects", () => {
  for (const [name, [before, after, found]] of Object.entries(grave)) {
    it(`are new with ${name}`, () => {
      const privileges = newPrivileges(objectsOf(before), objectsOf(after), "changed");
      assert.match(privileges.join("\n"), found);
      assert.ok(!privileges.join().includes("PLANTED"));
      assert.deepEqual(newPrivileges(objectsOf(after), objectsOf(after), "changed"), []);
    });
  }

  for (const [name, [before, after]] of Object.entries(plain)) {
    it(`are not new with ${name}`, () =>
      assert.deepEqual(newPrivileges(objectsOf(before), objectsOf(after), "changed"), []));
  }

  it("of the released chart are none while it stays the same, and none of another command or volume in a newer version", () => {
    for (const { render } of recorded)
      assert.deepEqual(newPrivileges(render.objects, render.objects, "changed"), []);
    const others = pods(
      "hostNetwork: true, volumes: [{ name: v, secret: { secretName: s } }],",
      "command: [other], volumeMounts: [{ name: v, mountPath: /v }]",
    );
    assert.deepEqual(newPrivileges(objectsOf(hostPods), objectsOf(others), "released"), []);
  });

  it("of a chart of the project are also new with other files, which a privileged container may run", () => {
    for (const kind of ["ConfigMap", "Secret"]) {
      const files = (script: string) =>
        objectsOf(`{ kind: ${kind}, metadata: { name: m }, data: { run: ${script} } }`);
      const found = newPrivileges(files("a"), files("PLANTED"), "own");
      assert.deepEqual(found, [`${kind} m has other files`]);
      assert.deepEqual(newPrivileges(files("a"), files("b"), "changed"), []);
    }
  });

  it("are one row of high risk in a change", () => {
    const text = `\n---\n{ apiVersion: rbac.authorization.k8s.io/v1, ${binding("cluster-admin").slice(2)}\n`;
    const change = between(side(stackWith()), side(stackWith(), { edit: (whole) => whole + text }));
    assert.equal(change.level, "high");
    assert.match(
      change.headline.text(),
      /^Cilium's objects get new rights: ServiceAccount n\/a has ClusterRole/,
    );
  });
});
