import assert from "node:assert/strict";
import { chosenImages } from "../../model/change/images";
import { recorded } from "../proofs/recorded";
import { type RawStack, stackWith } from "../model/stacks";
import { between, side } from "./sides";

const digest = `sha256:${"0".repeat(64)}`;
const withValues = (values: object) =>
  stackWith((raw: RawStack) => (raw["cilium"] = { ...(raw["cilium"] as object), values }));
const plain = stackWith();
const { text } = recorded.find(({ version }) => version === side(plain).plan.cilium.version) ?? { text: "" };

/** What a diff finds when values choose an image, and the render has it. */
function chosen(values: object, pattern: RegExp, image: string) {
  assert.ok(pattern.test(text), String(pattern));
  const edit = (whole: string) => whole.replaceAll(new RegExp(pattern, "g"), image);
  return between(side(plain), side(withValues(values), { edit }));
}

/** Values, the image of the chart, and what runs instead. */
const cases: Readonly<Record<string, readonly [values: object, pattern: RegExp, image: string]>> = {
  "of the agent by digest": [
    { image: { override: `quay.io/cilium/cilium@${digest}` } },
    /quay\.io\/cilium\/cilium:v[^"]+/,
    `quay.io/cilium/cilium@${digest}`,
  ],
  "of the agent by the digest of its tag": [
    { image: { digest, useDigest: true } },
    /(?<=quay\.io\/cilium\/cilium:v[\d.]+)(?=")/,
    `@${digest}`,
  ],
  "of the agent by a tag that moves": [
    { image: { override: "quay.io/cilium/cilium:latest" } },
    /quay\.io\/cilium\/cilium:v[^"]+/,
    "quay.io/cilium/cilium:latest",
  ],
  "of the operator": [
    { operator: { image: { genericDigest: digest } } },
    /(?<=quay\.io\/cilium\/operator-generic:v[\d.]+)(?=")/,
    `@${digest}`,
  ],
  "of Envoy": [
    { envoy: { image: { override: "quay.io/cilium/cilium-envoy:v1.20" } } },
    /quay\.io\/cilium\/cilium-envoy:v[^"]+/,
    "quay.io/cilium/cilium-envoy:v1.20",
  ],
};

describe("an image of Cilium that Helm values choose", () => {
  for (const [title, [values, pattern, image]] of Object.entries(cases)) {
    it(`is of high risk, and shown: ${title}`, () => {
      const found = chosen(values, pattern, image);
      assert.equal(found.level, "high");
      const rows = found.cilium?.images ?? [];
      assert.equal(rows.length, 1, rows.join("\n"));
      assert.ok(rows[0]?.includes(image) && /which Helm values chose$/.test(rows[0]), rows[0]);
      const what = found.effects.map((effect) => effect.what.text()).join("\n");
      assert.ok(what.includes(image), what);
    });
  }

  const pods = (images: Readonly<Record<string, string>>) =>
    Object.entries(images).map(([name, image]) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace: "n" },
      spec: { template: { spec: { containers: [{ name: "c", image }] } } },
    }));
  const of = (values: object, images: Readonly<Record<string, string>>, version = "1.19.5") => ({
    objects: pods(images),
    values,
    version,
  });
  const charts = { certgen: "q/certgen:v1@sha256:1" };

  it("is one in new pods, too, and in containers that values add", () => {
    const relay = { hubble: { relay: { image: { override: "q/relay:v2" } } } };
    assert.deepEqual(chosenImages(of({}, charts), of(relay, { ...charts, relay: "q/relay:v2" }), false), [
      "Deployment n/relay runs q/relay:v2, which Helm values chose",
    ]);
    const extra = (image: string) => ({ extraContainers: [{ name: "c", image }] });
    const pair = [of(extra("q/x:1"), { x: "q/x:1" }), of(extra("q/x:2"), { x: "q/x:2" })] as const;
    assert.equal(chosenImages(...pair, false).length, 1);
    const certgen = { certgen: { image: { digest: "sha256:9" } } };
    const changed = of(certgen, { certgen: "q/certgen:v1@sha256:9" });
    assert.equal(chosenImages(of({}, charts), changed, false).length, 1);
  });

  it("is one in a component that is switched on after its image was chosen", () => {
    const relay = (enabled: boolean) => ({
      hubble: { relay: { enabled, image: { override: "quay.io/cilium/hubble-relay:latest" } } },
    });
    const base = stackWith();
    const extra = pods({ "hubble-relay": "quay.io/cilium/hubble-relay:latest" });
    const added = `${text}\n${extra.map((object) => `---\n${JSON.stringify(object)}\n`).join("")}`;
    const chosenBefore = between(side(base), side(withValues(relay(false))));
    assert.deepEqual(chosenBefore.cilium?.images ?? [], []);
    const on = between(side(withValues(relay(false))), side(withValues(relay(true)), { edit: () => added }));
    assert.equal(on.level, "high");
    assert.deepEqual(on.cilium?.images, [
      "Deployment n/hubble-relay runs quay.io/cilium/hubble-relay:latest, which Helm values chose",
    ]);
  });

  it("is one where an older choice takes effect in a container that was there", () => {
    const set = { image: { override: "q/certgen:x" } };
    const pair = [of({ ...set, a: 1 }, charts), of({ ...set, a: 2 }, { certgen: "q/certgen:x" })] as const;
    assert.equal(chosenImages(...pair, false).length, 1);
  });

  it("is none where the chart's version changes behind a mirror that values chose before", () => {
    const set = { image: { repository: "mirror/cilium" } };
    const pair = [
      of(set, { cilium: "mirror/cilium:v1.19.5" }),
      of(set, { cilium: "mirror/cilium:v1.19.6" }, "1.19.6"),
    ] as const;
    assert.deepEqual(chosenImages(...pair, false), []);
  });

  it("is none where the chart chooses it", () => {
    const set = { image: { override: "q/certgen:x" } };
    const next = { certgen: "q/certgen:v2@sha256:2" };
    const none = [
      // Back to the chart's own, another version of the chart, and its own tag.
      chosenImages(of(set, { certgen: "q/certgen:x" }), of({}, charts), false),
      chosenImages(of({ a: 1 }, charts), of({ a: 2 }, next, "1.19.6"), false),
      chosenImages(
        of({}, charts),
        of({ image: { tag: "v1.19.6" } }, { certgen: "q/c:v1.19.6" }, "1.19.6"),
        false,
      ),
      chosenImages(of({}, charts), of({ image: { useDigest: false } }, { certgen: "q/certgen:v1" }), false),
      chosenImages(of({}, charts), of({ image: { pullPolicy: "v1" } }, next), false),
      // The same setting as before, while something else changes.
      chosenImages(
        of(set, { certgen: "q/certgen:x" }),
        of({ ...set, a: 1 }, { certgen: "q/certgen:x" }),
        false,
      ),
    ];
    assert.deepEqual(none, [[], [], [], [], [], []]);
  });

  it("is each one that differs in a chart of the project", () => {
    assert.deepEqual(chosenImages(of({}, charts), of({}, { certgen: "q/certgen:v1@sha256:2" }), true), [
      "Deployment n/certgen runs q/certgen:v1@sha256:2, which a chart of the project chose",
    ]);
  });
});
