import assert from "node:assert/strict";
import crypto from "node:crypto";
import { throwAwaySecrets } from "../../lab/rehearsal/throw-away";

describe("a rehearsal's throw-away secrets", () => {
  const certificates = "metal:kubernetes.certificates";

  it("have the form of what they stand for", async () => {
    const { values, changes } = await throwAwaySecrets([
      "metal:bmc.password",
      "metal:hosts[0].bmc.password",
      "metal:kubernetes.encryption.keys[1].secret",
    ]);
    assert.match(values.get("metal:bmc.password") ?? "", /^lab0[0-9a-f]{12}$/);
    assert.notEqual(values.get("metal:bmc.password"), values.get("metal:hosts[0].bmc.password"));
    const key = values.get("metal:kubernetes.encryption.keys[1].secret") ?? "";
    assert.equal(Buffer.from(key, "base64").length, 32);
    assert.deepEqual(changes, []);
  });

  it("come with the certificate or public key that belongs to a private key", async () => {
    const names = ["cluster", "etcd", "frontProxy", "serviceAccount"];
    const places = names.map((name) => `${certificates}.${name}.privateKey`);
    const { values, changes } = await throwAwaySecrets(places);
    for (const [i, name] of names.entries()) {
      const { at = [], to } = changes[i] ?? {};
      const field = name === "serviceAccount" ? "publicKey" : "certificate";
      assert.deepEqual(at, ["metal:kubernetes", "certificates", name, field]);
      const pem = String(to);
      const given =
        field === "publicKey" ? crypto.createPublicKey(pem) : new crypto.X509Certificate(pem).publicKey;
      const own = crypto.createPublicKey(values.get(places[i] ?? "") ?? "");
      assert.ok(given.equals(own), name);
    }
  });
});
