import assert from "node:assert/strict";
import { stringify } from "yaml";
import { type ImportedStack, importStack } from "../../model/import/import-stack";
import type { ClusterPlan, PlannedSecret } from "../../model/plan/plan";
import { planCluster } from "../../model/plan/plan-cluster";
import type { FileText } from "../../model/stack/source/yaml-file";
import type { Stack } from "../../model/stack/schema";
import { judgeStackFile } from "../../ops/stack/read-stack-file";
import { projectWith } from "../ops/command-line";
import { goodStack, goodStackNames, shapeNames, shapeStack } from "../model/fixtures";
import { changeHost, endpointWithPassword, stackWith, stackWithEverything } from "../model/stacks";

const secretValue = "throw-away-value-of-a-secret";

/** A plan as files, as it is read back from a cluster: with the values of its secrets. */
function filesOf({ hosts, cluster, bgp, loadBalancer, cilium }: ClusterPlan): readonly FileText[] {
  const withValues = ({ manifest, text, secret }: PlannedSecret) => ({
    ...manifest,
    stringData: { ...text, ...Object.fromEntries(Object.keys(secret).map((key) => [key, secretValue])) },
  });
  const file = (name: string, objects: readonly object[]) => ({
    name,
    text: objects.map((each) => stringify(each, { aliasDuplicateObjects: false })).join("---\n"),
  });
  return [
    file("hosts.yaml", [...hosts.secrets.map(withValues), ...hosts.hosts]),
    file("cluster.yaml", [
      ...cluster.secrets.map(withValues),
      ...cluster.templates.map(({ manifest }) => manifest),
      ...cluster.objects,
      cluster.cluster,
    ]),
    file("bgp.yaml", [
      ...(bgp?.secrets ?? []).map(withValues),
      ...(bgp?.objects ?? []),
      ...(bgp?.nodeOverrides ?? []).map(({ host, manifest }) => ({ ...manifest, metadata: { name: host } })),
      ...(loadBalancer?.objects ?? []),
    ]),
    file("values.yaml", [cilium.values]),
  ].filter(({ text }) => text !== "");
}

/** What a plan applies, without the values and the copying of secrets. */
function objectsOf({ hosts, cluster, bgp, loadBalancer, cilium }: ClusterPlan) {
  return {
    hosts: hosts.hosts,
    networks: hosts.secrets.map(({ manifest, text }) => [manifest.metadata.name, text["networkData"]]),
    templates: cluster.templates.map(({ manifest }) => manifest),
    objects: cluster.objects,
    cluster: cluster.cluster,
    bgp: bgp?.objects,
    nodeOverrides: bgp?.nodeOverrides,
    loadBalancer: loadBalancer?.objects,
    values: cilium.values,
  };
}

/** The keys of encryption at rest have names that only a Secret holds, and its values are never read. */
function withoutEncryption(stack: Stack): Stack {
  const { encryption, ...kubernetes } = stack.kubernetes;
  return encryption === undefined ? stack : { ...stack, kubernetes };
}

function imported(stack: Stack): ImportedStack {
  const result = importStack(filesOf(planCluster(stack)));
  if ("problems" in result) throw new Error(result.problems.join("\n"));
  return result;
}

/** The stack file as the other commands read it. */
function written({ name, text }: ImportedStack) {
  const directory = projectWith({ [`Pulumi.${name}.yaml`]: text });
  const { stack, findings } = judgeStackFile(directory, name, new Date("2026-11-25T00:00:00Z"));
  assert.ok(stack !== undefined, JSON.stringify(findings));
  return { stack, findings };
}

describe("import of what a stack plans", () => {
  it("gives a stack that plans the same objects: capi-1", () => {
    const stack = stackWith();
    const result = imported(stack);
    assert.deepEqual(objectsOf(planCluster(result.stack)), objectsOf(planCluster(stack)));
    assert.deepEqual(
      result.notCarried.map(({ object, at }) => `${object} ${at}`),
      [...["cp-1", "cp-2", "cp-3", "w-1"].map((host) => `Secret/capi-1-${host}-bmc `)],
    );
    assert.deepEqual(result.added, []);
    assert.ok(!result.text.includes(secretValue));
    assert.deepEqual(written(result).findings, []);
  });

  const stacks: readonly (readonly [name: string, stack: Stack])[] = [
    ...shapeNames().map((name) => [name, withoutEncryption(shapeStack(name))] as const),
    ...goodStackNames().map((name) => [name, goodStack(name)] as const),
    ["capi-1 with everything", stackWithEverything()],
    ["endpoint-by-bgp with a password", endpointWithPassword()],
    [
      "an endpoint with a port, a name, and further names in its certificate",
      stackWith((raw) => {
        raw["kubernetes"] = {
          ...(raw["kubernetes"] as object),
          endpoint: { host: "10.250.250.29", name: "api.example.com", port: 8443, interface: "eno1" },
          certificateNames: ["a.example.com", "b.example.com", "192.0.2.7"],
        };
      }),
    ],
  ];
  for (const [name, stack] of stacks) {
    it(`gives a stack that plans the same objects: ${name}`, () => {
      const result = imported(stack);
      assert.deepEqual(objectsOf(planCluster(result.stack)), objectsOf(planCluster(stack)));
      // What is left are logins and other secrets, each with the command that sets it.
      assert.deepEqual(
        result.notCarried.filter(({ why }) => !/Secret|private key|key pair/.test(why)),
        [],
      );
      assert.deepEqual(result.added, []);
      assert.ok(
        !result.text.includes(secretValue) && !JSON.stringify(result.notCarried).includes(secretValue),
      );
    });
  }

  it("gives the configuration of encryption at rest as a secret file, whose content it does not carry", () => {
    const { text, notCarried } = imported(shapeStack("regulated"));
    assert.match(text, /encryption-provider-config: \/etc\/kubernetes\/encryption\/configuration\.yaml/);
    assert.match(text, /secretFiles:[^-]+- path: \/etc\/kubernetes\/encryption\/configuration\.yaml/);
    assert.ok(notCarried.some(({ why }) => /Secret regulated-encryption-\w+ is never read/.test(why)));
  });

  it("keeps a host with a system of its own switched off, and not a free host that Metal3 switched off", () => {
    const [adopted, free] = [true, false].map((externallyProvisioned) => {
      const stack = stackWith((raw) => changeHost(raw, 3, { externallyProvisioned }));
      const plan = planCluster(stack);
      // As another program writes a host: without the annotations of a stack.
      const hosts = plan.hosts.hosts.map((host, i) =>
        i < 3
          ? host
          : {
              ...host,
              metadata: { ...host.metadata, annotations: {} },
              spec: { ...host.spec, online: false },
            },
      );
      const result = importStack(filesOf({ ...plan, hosts: { ...plan.hosts, hosts } }));
      assert.ok(!("problems" in result), JSON.stringify(result));
      const host = result.stack.hosts.find(({ name }) => name === "capi-1-w-1");
      const notes = result.notCarried.filter(({ at }) => at === "spec.online").length;
      return { online: host?.online, externallyProvisioned: host?.externallyProvisioned, notes };
    });
    assert.deepEqual(adopted, { online: false, externallyProvisioned: true, notes: 0 });
    assert.deepEqual(free, { online: true, externallyProvisioned: false, notes: 1 });
  });

  for (const name of ["ops", "six", "telco"]) {
    it(`writes a file that is read as the same stack: ${name}`, () => {
      const result = imported(shapeStack(name));
      assert.deepEqual(
        objectsOf(planCluster(written(result).stack)),
        objectsOf(planCluster(shapeStack(name))),
      );
    });
  }

  it("names the command for each secret: an MD5 password, contents of files, a private key", () => {
    const withPassword = stackWith((raw) => {
      const bgp = raw["bgp"] as { instances: { peers: Record<string, unknown>[] }[] };
      Object.assign(bgp.instances[0]?.peers[0] ?? {}, { password: "throw-away" });
    });
    const commands = (stack: Stack) =>
      imported(stack).notCarried.flatMap(
        ({ why }) => /pulumi config set --secret --path '.+'$/.exec(why)?.[0] ?? [],
      );
    const place = (at: string) => `pulumi config set --secret --path 'metal:${at}'`;
    assert.deepEqual(
      commands(withPassword).filter((command) => !command.includes("bmc")),
      [place("bgp.instances[0].peers[0].password")],
    );
    assert.deepEqual(
      [...new Set(commands(stackWithEverything()))].filter((command) => !command.includes("bmc")),
      [place("machines.secretFiles[0].secretContent"), place("controlPlane.secretFiles[0].secretContent")],
    );
    assert.ok(commands(shapeStack("edge")).includes(place("cilium.values.hubble.tls.server.key")));
  });
});
