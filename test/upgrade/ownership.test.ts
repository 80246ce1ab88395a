import assert from "node:assert/strict";
import { otherWriters, takenOver } from "../../model/cilium/ownership";
import { resources } from "../../model/kubernetes/resources";
import * as o from "../readiness/objects";

const entry = (manager: string, operation: string, fieldsV1: object, subresource?: string) => ({
  manager,
  operation,
  apiVersion: "apps/v1",
  fieldsType: "FieldsV1",
  fieldsV1,
  ...(subresource === undefined ? {} : { subresource }),
});
const revision = { "f:metadata": { "f:annotations": { "f:deployment.kubernetes.io/revision": {} } } };
const controller = entry("kube-controller-manager", "Update", revision);
const status = entry("kube-controller-manager", "Update", { "f:status": {} }, "status");
const live = (...managedFields: object[]) =>
  o.object(resources.Deployment, "cilium-operator", { metadata: { managedFields } });

describe("the one writer of an adopted object", () => {
  it("takes over what the resource set wrote, joined with its own, and leaves controllers theirs", () => {
    const own = entry("metal", "Apply", { "f:spec": { "f:replicas": {} } });
    const first = entry("manager", "Update", {
      "f:spec": { "f:template": {} },
      "f:metadata": { "f:labels": {} },
    });
    const fieldsV1 = { "f:spec": { "f:replicas": {}, "f:template": {} }, "f:metadata": { "f:labels": {} } };
    assert.deepEqual(takenOver(live(own, first, controller, status), "metal"), [
      { ...own, fieldsV1 },
      controller,
      status,
    ]);
  });

  it("changes nothing where nobody else wrote", () => {
    const own = entry("metal", "Apply", { "f:spec": {} });
    assert.equal(takenOver(live(own, controller, status), "metal"), undefined);
    assert.deepEqual(otherWriters(live(own, controller, status), "metal"), []);
  });

  it("names who else writes", () => {
    const other = entry("argocd-controller", "Apply", { "f:spec": {} });
    assert.deepEqual(otherWriters(live(other, controller), "metal"), ["argocd-controller"]);
  });
});
