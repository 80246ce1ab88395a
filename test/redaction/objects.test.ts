import assert from "node:assert/strict";
import { redacted } from "../../model/redaction/objects";
import { withoutSecrets, withoutValues } from "../../model/redaction/text";
import type { KubernetesObject } from "../../model/kubernetes/object";

const planted = "Planted1n4Place";
const object = (kind: string, rest: object, metadata: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "x", ...metadata },
  ...rest,
});

const objects: Readonly<Record<string, KubernetesObject>> = {
  "a Secret's data": object("Secret", {
    data: { password: planted, any: planted },
    stringData: { x: planted },
  }),
  "the copy that kubectl keeps": object(
    "Secret",
    {},
    { annotations: { "kubectl.kubernetes.io/last-applied-configuration": `{"data":{"x":"${planted}"}}` } },
  ),
  "the status that clusterctl moves": object(
    "BareMetalHost",
    {},
    { annotations: { "baremetalhost.metal3.io/status": `{"x":"${planted}"}` } },
  ),
  "an annotation named like a token": object(
    "Machine",
    {},
    { annotations: { "example.com/join-token": planted } },
  ),
  "a BMC's address with a login": object("BareMetalHost", {
    spec: { bmc: { address: `redfish://admin:${planted}@10.0.0.1/` } },
  }),
  "the environment of a container": object("Pod", {
    spec: { containers: [{ env: [{ name: "BGP_PASSWORD", value: planted }] }] },
  }),
  "peers of kube-vip": object("Pod", {
    spec: { containers: [{ env: [{ name: "bgp_peers", value: `192.0.2.1:65000:${planted}:false` }] }] },
  }),
  "peers of kube-vip without multihop": object("Pod", {
    spec: {
      containers: [{ env: [{ name: "bgp_peers", value: `192.0.2.1:1::false,192.0.2.2:1:${planted}` }] }],
    },
  }),
  // cspell:ignore bgppeers
  "an argument with peers of kube-vip": object("Pod", {
    spec: { containers: [{ args: ["manager", "--bgppeers", `192.0.2.1:1:${planted}`] }] },
  }),
  "a map with peers of kube-vip": object("ConfigMap", { data: { bgp_peers: `192.0.2.1:1:${planted}` } }),
  "arguments of a container": object("Pod", {
    spec: {
      containers: [{ args: [`--token=${planted}`, "--password", planted, `--client-secret ${planted}`] }],
    },
  }),
  "files of cloud-init": object("KubeadmConfig", { spec: { files: [{ path: "/etc/x", content: planted }] } }),
  "users of cloud-init": object("KubeadmConfig", { spec: { users: [{ name: "ops", passwd: planted }] } }),
  "commands of cloud-init": object("KubeadmConfig", {
    spec: { preKubeadmCommands: [`login -p ${planted}`] },
  }),
  "user data as one text": object("Machine", { spec: { userData: planted } }),
  "a bootstrap token": object("KubeadmConfig", {
    spec: { joinConfiguration: { discovery: { bootstrapToken: { token: planted } } } },
  }),
  "a kubeconfig in a ConfigMap": object("ConfigMap", {
    data: { kubeconfig: `apiVersion: v1\nkind: Config\nclusters: []\nusers:\n- user: {x: ${planted}}\n` },
  }),
  "a private key in a ConfigMap": object("ConfigMap", {
    data: { pem: `-----BEGIN PRIVATE KEY-----\n${planted}\n-----END PRIVATE KEY-----` },
  }),
  "a password in a ConfigMap": object("ConfigMap", { data: { ini: `[db]\npassword = ${planted}\nuser: x` } }),
  "a router's configuration": object("ConfigMap", {
    data: { frr: `neighbor 192.0.2.1 password ${planted}` },
  }),
  "a Secret inside another object": object("List", {
    items: [object("Secret", { data: { any: planted }, stringData: { name: planted } })],
  }),
  "a Secret as text in a ConfigMap": object("ConfigMap", {
    data: { "a.yaml": `stringData:\n  any: ${planted}\nkind: Secret\n` },
  }),
  "a Secret as JSON in a ConfigMap": object("ConfigMap", {
    data: { "a.json": `{"data":{"any":"${planted}"},"kind":"Secret"}` },
  }),
  "the login of a command with its arguments apart": object("Pod", {
    spec: { containers: [{ command: ["/usr/bin/ipmitool"], args: ["-H", "h", "-P", planted, "power"] }] },
  }),
  "arguments of tools": object("Pod", {
    spec: { containers: [{ args: ["ipmitool", `-P${planted}`] }, { args: ["curl", "-u", `a:${planted}`] }] },
  }),
  "a map under a secret's name": object("Machine", {
    spec: { credentials: { user: "a", current: { text: planted } } },
  }),
  "a signed address": object("BareMetalHost", {
    spec: { image: { url: `https://h/a?X-Amz-Signature=${planted}` } },
  }),
  "files that their paths call secret": object("Bundle", {
    items: [
      { path: "/etc/shadow", content: planted },
      { contents: { inline: planted }, destination: "/etc/ppp/chap-secrets" },
    ],
  }),
  "a key next to its certificate": object("ConfigMap", { spec: { cert: "a", key: planted } }),
  "the message of an event": object("Event", { message: `GET with Authorization: Bearer ${planted} failed` }),
};

describe("redaction", () => {
  for (const [place, given] of Object.entries(objects)) {
    it(`leaves out ${place}`, () => {
      assert.ok(JSON.stringify(given).includes(planted), "the fixture plants nothing");
      assert.ok(!JSON.stringify(redacted(given)).includes(planted), JSON.stringify(redacted(given)));
    });
  }

  it("keeps names of Secrets, states and messages, which say what is wrong", () => {
    const host = object("BareMetalHost", {
      spec: { bmc: { address: "redfish://10.0.0.1/1", credentialsName: "x-bmc" }, userData: undefined },
      status: {
        errorMessage: "HTTP 401 for user admin",
        triedCredentials: { credentials: { name: "x-bmc" } },
      },
    });
    const text = JSON.stringify(redacted(host));
    for (const kept of ["x-bmc", "HTTP 401 for user admin", "redfish://10.0.0.1/1"])
      assert.ok(text.includes(kept), text);
    const pod = object("Pod", {
      spec: { dataSecretName: "boot", containers: [{ env: [{ name: "MODE", value: "fast" }] }] },
    });
    assert.deepEqual(redacted(pod)["spec"], pod["spec"]);
  });

  it("keeps what only refers to a Secret", () => {
    const spec = {
      volumes: [
        { secret: { secretName: "a", defaultMode: undefined, items: [{ key: "tls.crt", path: "b" }] } },
        { projected: { sources: [{ secret: { name: "a", optional: true } }] } },
      ],
      env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "a", key: "b" } } }],
      credentials: { name: "a", namespace: "b" },
      tokenTTL: "24h",
      passwordSecretRef: { name: "a", key: "password" },
      args: ["mkdir", "-p", "/etc/a"],
      entries: [{ path: "/etc/hosts", content: "10.0.0.1 a" }],
      hostPath: { path: "/etc/kubernetes/pki/ca.key", type: "File" },
    };
    assert.deepEqual(redacted(object("Pod", { spec }))["spec"], spec);
  });

  it("leaves out of a log what looks like a secret, line by line", () => {
    const log = [
      "connected",
      `token=${planted}`,
      "bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
      "join abcdef.0123456789abcdef",
      `client-key-data: ${planted}`,
      `url https://me:${planted}@registry/`,
      `aws_secret: ${planted}`,
    ].join("\n");
    const clean = withoutSecrets(log);
    assert.ok(!/Planted|eyJ|0123456789abcdef/.test(clean), clean);
    assert.equal(clean.split("\n").length, 7);
    assert.ok(clean.startsWith("connected\n"));
  });

  it("takes known values out wherever they stand", () => {
    assert.equal(withoutValues("said hunter2hunter2 aloud", ["hunter2hunter2"]), "said [secret] aloud");
  });
});
