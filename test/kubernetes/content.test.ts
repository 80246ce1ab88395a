import assert from "node:assert/strict";
import { slim, withoutContent } from "../../model/kubernetes/content";
import type { KubernetesObject } from "../../model/kubernetes/object";

const annotation = "kubectl.kubernetes.io/last-applied-configuration";
const metadata = {
  name: "s",
  annotations: { [annotation]: '{"data":{"password":"cGxhbnRlZA=="}}', own: "1" },
  managedFields: [{ manager: "kubectl" }],
} as unknown as KubernetesObject["metadata"];
const secret: KubernetesObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata,
  type: "Opaque",
  data: { password: "cGxhbnRlZA==" },
  stringData: { more: "planted" },
};

describe("the content that is kept of an object", () => {
  it("is the names of a Secret's keys, and none of its values, wherever they are", () => {
    for (const kept of [withoutContent(secret), slim(secret)]) {
      assert.doesNotMatch(JSON.stringify(kept), /cGxhbnRlZA|planted/);
      assert.deepEqual(kept["data"], { password: "" });
      assert.deepEqual(kept.metadata.annotations, { own: "1" });
    }
  });

  it("is everything else of other objects, in a cache without field managers and schemas", () => {
    const map: KubernetesObject = { ...secret, kind: "ConfigMap" };
    assert.equal(withoutContent(map), map);
    assert.deepEqual(Object.keys(slim(map).metadata), ["name", "annotations"]);
    assert.equal(slim(map)["data"], map["data"]);
    const definition = { ...map, kind: "CustomResourceDefinition", spec: { big: 1 }, status: { s: 1 } };
    assert.deepEqual(Object.keys(slim(definition)), ["apiVersion", "kind", "metadata", "status"]);
  });
});
