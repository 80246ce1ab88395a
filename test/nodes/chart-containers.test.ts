import assert from "node:assert/strict";
import { imageOfChartContainer, withoutLoaders } from "../../lab/nodes/chart-containers";
import { containersOf } from "../../lab/workload/node-objects";
import { field, text, type KubernetesObject } from "../../model/kubernetes/object";
import { recorded } from "../proofs/recorded";

/** A pod of a workload of the recorded chart. */
function podOf(version: string, kind: string, name: string): KubernetesObject {
  const objects = recorded.find((each) => each.version === version)?.render.objects ?? [];
  const workload = objects.find((each) => each.kind === kind && each.metadata.name === name);
  assert.ok(workload);
  const { metadata, spec } = field(workload, "spec", "template") as { metadata: object; spec: object };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name: `${name}-1`, namespace: "kube-system" },
    spec,
  };
}

const containerNamed = (pod: KubernetesObject, name: string): object => {
  const found = containersOf(pod).find((each) => text(each, "name") === name);
  assert.ok(found);
  return found;
};

describe("the containers that nodes of the lab run", () => {
  for (const version of ["1.18.4", "1.19.5"]) {
    it(`are all of the chart ${version}, of agents and operator`, () => {
      for (const pod of [
        podOf(version, "DaemonSet", "cilium"),
        podOf(version, "Deployment", "cilium-operator"),
      ]) {
        const images = containersOf(pod).map((each) => imageOfChartContainer(pod, each));
        assert.ok(images.length > 0);
        assert.deepEqual([...new Set(images)], [`cilium-${version}`]);
      }
    });
  }

  const pod = podOf("1.19.5", "DaemonSet", "cilium");
  const image = "quay.io/cilium/cilium:v1.19.5";
  const agent = containerNamed(pod, "cilium-agent");
  const mount = containerNamed(pod, "mount-cgroup");
  const refused: Readonly<Record<string, readonly [KubernetesObject, object]>> = {
    "an init container that values add": [pod, { name: "x", image, command: ["sh", "-c", "id"] }],
    "a name of the chart with another command": [pod, { ...agent, command: ["sh", "-c", "id"] }],
    "a script that is not the chart's": [pod, { ...mount, command: ["bash", "-ec", "id"] }],
    "a script with further arguments": [pod, { ...mount, args: ["id"] }],
    "an image from elsewhere": [pod, { ...agent, image: "mirror.example/cilium/cilium:v1.19.5" }],
    "a name that every object has": [pod, { name: "constructor", image, command: ["sh"] }],
    "another pod": [{ ...pod, metadata: { name: "other", namespace: "default" } }, agent],
    "the envoy of the chart": [
      podOf("1.19.5", "DaemonSet", "cilium-envoy"),
      containerNamed(podOf("1.19.5", "DaemonSet", "cilium-envoy"), "cilium-envoy"),
    ],
  };
  for (const [what, [of, container]] of Object.entries(refused)) {
    it(`are not ${what}`, () => assert.equal(imageOfChartContainer(of, container), undefined));
  }

  it("get further settings as arguments, and no variables that start other programs", () => {
    assert.equal(imageOfChartContainer(pod, { ...agent, args: ["--debug"] }), "cilium-1.19.5");
    const given = {
      BASH_ENV: "/tmp/x",
      ENV: "/tmp/x",
      LD_PRELOAD: "/tmp/x",
      PATH: "/tmp",
      K8S_NODE_NAME: "a",
    };
    assert.deepEqual(withoutLoaders(given), { K8S_NODE_NAME: "a" });
  });
});
