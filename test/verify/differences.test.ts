import assert from "node:assert/strict";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { differences } from "../../model/live/differences";
import { EditableRender, type Json } from "../proofs/editable";
import { recorded } from "../proofs/recorded";

const paths = (planned: KubernetesObject, live: KubernetesObject, ignored: readonly string[] = []) =>
  differences(planned, live, ignored).map(({ path }) => path);

const object = (rest: object, metadata: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", ...metadata },
  ...rest,
});

describe("differences between what is planned and what runs", () => {
  it("are none between a real render and itself", () => {
    for (const { render } of recorded) {
      for (const each of render.objects) assert.deepEqual(differences(each, each), []);
    }
  });

  it("are none where the API server only adds its defaults", () => {
    const planned = object({ spec: { ports: [{ name: "health", port: 1 }], hostNetwork: false, empty: {} } });
    const live = object(
      { spec: { ports: [{ protocol: "TCP", port: 1, name: "health" }], clusterIP: "10.96.0.7" }, status: {} },
      { uid: "1", labels: { added: "by somebody" }, managedFields: [] },
    );
    assert.deepEqual(differences(planned, live), []);
  });

  it("name the container, the variable and both values", () => {
    const [, { render } = assert.fail()] = recorded;
    const changed = new EditableRender(render);
    (changed.variable("cilium", "cilium-agent", "KUBERNETES_SERVICE_HOST") as Json)["value"] = "10.0.0.1";
    const find = (objects: readonly KubernetesObject[]) =>
      objects.find(({ kind, metadata }) => kind === "DaemonSet" && metadata.name === "cilium") ??
      assert.fail();
    assert.deepEqual(differences(find(render.objects), find(changed.render().objects)), [
      {
        path: "spec.template.spec.containers[cilium-agent].env[KUBERNETES_SERVICE_HOST].value",
        planned: "10.250.250.29",
        live: "10.0.0.1",
      },
    ]);
  });

  it("tell an entry that is gone, and a list without names that is longer", () => {
    const planned = object({
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
      args: ["x"],
    });
    assert.deepEqual(paths(planned, object({ env: [{ name: "B", value: "2" }], args: ["x", "y"] })), [
      "env[A]",
      "args",
    ]);
  });

  it("keep two mounts of one volume apart", () => {
    const mounts = [
      { name: "v", mountPath: "/a" },
      { name: "v", mountPath: "/b", readOnly: true },
    ];
    const planned = object({ volumeMounts: mounts });
    assert.deepEqual(paths(planned, object({ volumeMounts: [mounts[1], mounts[0]] })), []);
    assert.deepEqual(
      paths(planned, object({ volumeMounts: [mounts[0], { ...mounts[1], readOnly: false }] })),
      ["volumeMounts[/b].readOnly"],
    );
  });

  it("take quantities as numbers where quantities stand, and nowhere else", () => {
    const planned = object({
      resources: { limits: { cpu: "1000m", memory: "1024Mi" } },
      data: { size: "1000m" },
    });
    const live = object({ resources: { limits: { cpu: "1", memory: "1Gi" } }, data: { size: "1" } });
    assert.deepEqual(paths(planned, live), ["data.size"]);
    const less = object({ resources: { limits: { cpu: "999m", memory: "1Gi" } }, data: { size: "1000m" } });
    assert.deepEqual(paths(planned, less), ["resources.limits.cpu"]);
  });

  it("look at labels and annotations, and not at fields that are left to others", () => {
    const planned = object({ spec: { online: true } }, { labels: { a: "1" }, annotations: { b: "2" } });
    const live = object({ spec: { online: false } }, { labels: { a: "2" } });
    assert.deepEqual(paths(planned, live, ["spec.online"]), ["metadata.labels.a", "metadata.annotations"]);
  });

  it("say of a Secret which key is missing and never what is in it", () => {
    const secret = (rest: object) => ({ ...object(rest), kind: "Secret" });
    const planned = secret({ stringData: { password: "secret", user: "u" } });
    const found = differences(planned, secret({ data: { user: "b3RoZXI=" } }));
    assert.deepEqual(found, [{ path: "data.password", planned: true, live: undefined }]);
  });
});
