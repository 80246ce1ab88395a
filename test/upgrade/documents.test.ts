import assert from "node:assert/strict";
import { field } from "../../model/kubernetes/object";
import { recorded } from "../proofs/recorded";

describe("a rendered manifest as it is read", () => {
  for (const { version, render } of recorded) {
    it(`has file modes as the API server reads them, so that adopting it changes nothing (${version})`, () => {
      const daemonSet = render.objects.find(
        ({ kind, metadata }) => kind === "DaemonSet" && metadata.name === "cilium",
      );
      const volumes = field(daemonSet, "spec", "template", "spec", "volumes") as readonly unknown[];
      const modes = volumes.flatMap((volume) =>
        ["secret", "configMap", "projected"].flatMap((kind) => field(volume, kind, "defaultMode") ?? []),
      );
      assert.deepEqual([...new Set(modes)], [0o400]);
    });
  }
});
