import assert from "node:assert/strict";
import crypto from "node:crypto";
import { parse } from "yaml";
import { type KeyPair, createAuthority, issue } from "../../lab/processes/pki";
import { field, list, text } from "../../model/kubernetes/object";
import { controlPlaneKubeadm, workerKubeadm } from "../../model/plan/manifests/kubeadm";
import { planCluster } from "../../model/plan/plan-cluster";
import type { Stack } from "../../model/stack/schema";
import { keyPairReader } from "../../ops/stack/key-pairs";
import { between, side } from "../change/sides";
import { findingsOfRaw } from "./fixtures";
import { type RawStack, rawCapi1, stackWith } from "./stacks";

const kubernetesWith = (settings: RawStack) => (raw: RawStack) => {
  raw["kubernetes"] = { ...(raw["kubernetes"] as object), ...settings };
};
const withKubernetes = (settings: RawStack) => stackWith(kubernetesWith(settings));

const key = (name: string) => ({ name, secret: Buffer.alloc(32, name).toString("base64") });
const encrypted = (settings: RawStack = {}) =>
  withKubernetes({ encryption: { keys: [key("key-1")], ...settings } });

function rawWith(settings: RawStack): RawStack {
  const raw = rawCapi1();
  kubernetesWith(settings)(raw);
  return raw;
}

function findingsWith(settings: RawStack): readonly string[] {
  return findingsOfRaw(rawWith(settings), "capi-1").map(({ id, at, problem }) => `${id} ${at}: ${problem}`);
}

const rows = (before: Stack, after: Stack) =>
  between(side(before, { rendered: false }), side(after, { rendered: false }))
    .effects.filter(({ area }) => area === "cluster")
    .map(({ level, what, effect }) => `${level} ${what.text()}: ${effect.text()}`);

describe("encryption at rest", () => {
  /** The configuration that the machines have, with the keys in it. */
  function configurationOf(stack: Stack): unknown {
    const secret = planCluster(stack).cluster.secrets.find(({ composed }) => composed !== undefined);
    const parts = secret?.composed?.["content"] ?? [];
    return parse(parts.map((part) => (typeof part === "string" ? part : `value of ${part.secret}`)).join(""));
  }

  it("is a secret file, an argument and a volume of the API server, and no key is in a plain object", () => {
    const stack = encrypted({ keys: [key("key-2"), key("key-1")], resources: ["secrets", "configmaps"] });
    assert.deepEqual(configurationOf(stack), {
      apiVersion: "apiserver.config.k8s.io/v1",
      kind: "EncryptionConfiguration",
      resources: [
        {
          resources: ["secrets", "configmaps"],
          providers: [
            {
              secretbox: {
                keys: [
                  { name: "key-2", secret: "value of kubernetes.encryption.keys[0].secret" },
                  { name: "key-1", secret: "value of kubernetes.encryption.keys[1].secret" },
                ],
              },
            },
            { identity: {} },
          ],
        },
      ],
    });
    const plan = planCluster(stack);
    assert.ok(!JSON.stringify(plan).includes(key("key-1").secret));
    const kubeadm = controlPlaneKubeadm(stack, true);
    const path = "/etc/kubernetes/encryption/configuration.yaml";
    const file = list(kubeadm, "files").find((each) => text(each, "path") === path);
    assert.equal(text(file, "permissions"), "0600");
    const name = text(file, "contentFrom", "secret", "name");
    assert.ok(plan.cluster.secrets.some(({ manifest }) => manifest.metadata.name === name));
    const apiServer = field(kubeadm, "clusterConfiguration", "apiServer");
    assert.deepEqual(list(apiServer, "extraArgs"), [{ name: "encryption-provider-config", value: path }]);
    assert.deepEqual(list(apiServer, "extraVolumes"), [
      {
        name: "encryption",
        hostPath: "/etc/kubernetes/encryption",
        mountPath: "/etc/kubernetes/encryption",
        readOnly: true,
        pathType: "Directory",
      },
    ]);
  });

  it("only decrypts where plain text is the first provider", () => {
    const [resource] = list(
      configurationOf(encrypted({ decryptOnly: true, algorithm: "aescbc" })),
      "resources",
    );
    assert.deepEqual(
      list(resource, "providers").map((provider) => Object.keys(provider as object)[0]),
      ["identity", "aescbc"],
    );
  });

  it("replaces machines when keys come, go or change their order", () => {
    const nameOf = (stack: Stack) => planCluster(stack).cluster.secrets.at(-1)?.manifest.metadata.name;
    const both = encrypted({ keys: [key("key-1"), key("key-2")] });
    assert.notEqual(nameOf(both), nameOf(encrypted()));
    assert.notEqual(nameOf(both), nameOf(encrypted({ keys: [key("key-2"), key("key-1")] })));
  });

  it("tells of every step that would leave objects unreadable, and of no step of a rotation", () => {
    const plain = stackWith();
    const first = encrypted();
    const appended = encrypted({ keys: [key("key-1"), key("key-2")] });
    const moved = encrypted({ keys: [key("key-2"), key("key-1")] });
    const only = encrypted({ keys: [key("key-2")] });
    const decrypting = encrypted({ decryptOnly: true });
    const unreadable = (before: Stack, after: Stack) =>
      rows(before, after).filter((line) => /^high .*(cannot read|no longer be read)/.test(line)).length;
    assert.equal(unreadable(plain, first), 1);
    assert.equal(unreadable(plain, decrypting), 0);
    assert.equal(unreadable(decrypting, first), 0);
    assert.equal(unreadable(first, appended), 0);
    assert.equal(unreadable(appended, moved), 0);
    assert.equal(unreadable(first, moved), 1);
    assert.equal(unreadable(moved, only), 1);
    assert.equal(unreadable(first, plain), 1);
    assert.equal(unreadable(first, encrypted({ algorithm: "aescbc" })), 1);
    assert.equal(unreadable(encrypted({ resources: ["secrets", "configmaps"] }), first), 1);
    assert.match(rows(decrypting, plain).join(), /^medium .* removed: what is still encrypted/);
  });

  it("passes its checks", () => assert.deepEqual(findingsWith({ encryption: { keys: [key("key-1")] } }), []));
});

describe("certificate authorities of the stack", () => {
  let [authority, other]: KeyPair[] = [];
  const of = (pair: KeyPair | undefined, privateKey = pair?.key) => ({ certificate: pair?.cert, privateKey });
  before(async () => {
    authority = await createAuthority("cluster");
    other = await createAuthority("etcd");
  });

  it("are in the Secrets that Cluster API looks for, of its type and with its label", () => {
    const { publicKey, privateKey } = crypto.generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const certificates = {
      cluster: of(authority),
      etcd: of(other),
      serviceAccount: { publicKey, privateKey },
    };
    const plan = planCluster(withKubernetes({ certificates }));
    assert.deepEqual(
      plan.cluster.secrets.map(({ manifest, text: plain, secret, retainOnDelete }) => [
        manifest.metadata.name,
        field(manifest, "type"),
        manifest.metadata.labels?.["cluster.x-k8s.io/cluster-name"],
        plain["tls.crt"],
        secret["tls.key"],
        retainOnDelete,
      ]),
      [
        ["capi-1-ca", authority?.cert, "cluster"],
        ["capi-1-etcd", other?.cert, "etcd"],
        ["capi-1-sa", publicKey, "serviceAccount"],
      ].map(([name, pem, at]) => [
        name,
        "cluster.x-k8s.io/secret",
        "capi-1",
        pem,
        `kubernetes.certificates.${at ?? ""}.privateKey`,
        true,
      ]),
    );
    assert.ok(!JSON.stringify(plan).includes("PRIVATE KEY"));
    // The day on which fixtures are read is before these certificates begin.
    const found = findingsWith({ certificates });
    assert.deepEqual(
      found.filter((line) => !/valid only from/.test(line)),
      [],
    );
  });

  it("are refused with the key of another one, with a key that kubeadm does not read, and where they are none", async () => {
    const { privateKey } = crypto.generateKeyPairSync("ed25519", {
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    assert.ok(authority);
    const server = await issue(authority, { commonName: "server", names: ["a.example.com"] });
    const problems = (certificates: RawStack) => findingsWith({ certificates }).join("\n");
    assert.match(
      problems({ cluster: of(authority, other?.key) }),
      /keys-match .* belongs to another certificate/,
    );
    assert.match(problems({ cluster: of(authority, privateKey) }), /keys-match .* is ed25519/);
    assert.match(problems({ etcd: of(server) }), /certificates-readable .* not that of an authority/);
    assert.ok(!problems({ cluster: of(authority, other?.key) }).includes("PRIVATE KEY"));
  });

  it("are refused with a private key, or another PEM block, in the text that is not encrypted", () => {
    assert.ok(authority);
    const { cert, key } = authority;
    const found = (certificates: RawStack) =>
      findingsOfRaw(rawWith({ certificates }), "capi-1")
        .filter(({ id }) => id === "kubernetes/certificates-public")
        .map(({ at, problem, fix = "" }) => `${at}: ${problem}; ${fix}`);
    const publicKey = crypto.createPublicKey(cert).export({ type: "spki", format: "pem" }).toString();
    assert.deepEqual(found({ cluster: of(authority), serviceAccount: { publicKey, privateKey: key } }), []);
    const texts = [`${cert}\n${key}`, `${key}\n${cert}`, `${cert}\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nx`];
    for (const certificate of texts) {
      const [line = "", ...others] = found({ frontProxy: { certificate, privateKey: key } });
      assert.match(line, /frontProxy\.certificate.*PRIVATE KEY/);
      assert.match(line, /counts as disclosed.*metal:kubernetes\.certificates\.frontProxy\.privateKey/);
      assert.deepEqual(others, []);
    }
    assert.match(
      found({ serviceAccount: { publicKey: publicKey + key, privateKey: key } }).join(),
      /publicKey/,
    );
    const request = `${cert}-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END CERTIFICATE REQUEST-----\n`;
    assert.match(found({ etcd: { certificate: request, privateKey: key } }).join(), /only the output of/);
  });

  it("are of high risk for a cluster that runs, and stay with it when they leave the stack file", () => {
    const [plain, given] = [stackWith(), withKubernetes({ certificates: { cluster: of(authority) } })];
    assert.match(rows(plain, given).join(), /^high authority in Secret capi-1-ca: a running cluster keeps/);
    assert.match(
      rows(given, withKubernetes({ certificates: { cluster: of(other) } })).join(),
      /^high authority in Secret capi-1-ca: a running cluster keeps/,
    );
    assert.match(rows(given, plain).join(), /^low .* the Secret stays/);
    const gone = between(side(given, { rendered: false }), side(plain, { rendered: false }));
    assert.deepEqual([gone.level, gone.effects.length], ["low", 1]);
  });
});

describe("patches of static pods", () => {
  const patches = [
    { target: "etcd", patch: { spec: { priority: 1 } } },
    {
      target: "kube-apiserver",
      type: "json",
      patch: [{ op: "add", path: "/metadata/annotations/x", value: "y" }],
    },
  ];

  it("are files of control plane machines in the folder that kubeadm reads, at init and join", () => {
    const stack = withKubernetes({ patches });
    const controlPlane = controlPlaneKubeadm(stack, true);
    const folder = "/etc/kubernetes/patches";
    assert.deepEqual(
      list(controlPlane, "files")
        .filter((file) => text(file, "path")?.startsWith(folder))
        .map((file) => [text(file, "path"), text(file, "content")]),
      [
        [`${folder}/etcd00+strategic.json`, '{"spec":{"priority":1}}'],
        [
          `${folder}/kube-apiserver01+json.json`,
          '[{"op":"add","path":"/metadata/annotations/x","value":"y"}]',
        ],
      ],
    );
    for (const configuration of ["initConfiguration", "joinConfiguration"]) {
      assert.equal(text(controlPlane, configuration, "patches", "directory"), folder);
    }
    const [pool] = stack.workers;
    assert.ok(pool);
    assert.equal(field(workerKubeadm(stack, pool), "joinConfiguration", "patches"), undefined);
  });
});

describe("an authority that is made today", () => {
  it("is valid from the first hour of that day on, and not before", async () => {
    const { cert } = await createAuthority("made today");
    const facts = (now: Date) => keyPairReader(now).certificate(cert);
    const day = Date.parse((facts(new Date())?.notBefore ?? "").slice(0, 10));
    assert.equal(facts(new Date(day))?.state, "valid");
    assert.equal(facts(new Date(day - 1))?.state, "future");
  });
});
