import assert from "node:assert/strict";
import { ensureTools, showProgress } from "../../lab/toolchain";
import { CILIUM_VERSIONS } from "../../lab/toolchain/tools";
import { planCluster } from "../../model/plan/plan-cluster";
import { crdSchemas } from "../model/crd-schemas";
import { goodStack, shapeStack } from "../model/fixtures";

describe("address pools and L2 announcements against the CRDs of Cilium", () => {
  const objects = [shapeStack("ipmi"), goodStack("l2-announcements")].flatMap(
    (stack) => planCluster(stack).loadBalancer?.objects ?? [],
  );

  for (const version of CILIUM_VERSIONS) {
    it(`have no unknown field in ${version}`, async () => {
      const tools = await ensureTools([`cilium-crds-${version}`], showProgress(process.stderr));
      const schemas = crdSchemas([tools.folder(`cilium-crds-${version}`)]);
      assert.ok(objects.length >= 4);
      for (const object of objects) {
        const validate = schemas.get(`${object.apiVersion}/${object.kind}`);
        assert.ok(validate, `${object.apiVersion} ${object.kind}`);
        assert.ok(validate(object), JSON.stringify(validate.errors, undefined, 2));
        assert.equal(validate({ ...object, spec: { ...object.spec, interface: "eno1" } }), false);
      }
    });
  }
});
