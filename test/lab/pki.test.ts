import assert from "node:assert/strict";
import crypto from "node:crypto";
import { createAuthority, issue } from "../../lab/processes/pki";

describe("the lab's certificates", () => {
  it("verify against our own authority and name their addresses", async () => {
    const authority = await createAuthority("lab");
    const server = await issue(authority, { commonName: "server", names: ["localhost", "10.1.2.3"] });
    const cert = new crypto.X509Certificate(server.cert);
    const ca = new crypto.X509Certificate(authority.cert);
    assert.ok(cert.verify(ca.publicKey) && cert.checkIssued(ca));
    assert.equal(cert.checkIP("10.1.2.3"), "10.1.2.3");
    assert.ok(cert.checkPrivateKey(crypto.createPrivateKey(server.key)));
  });

  it("can be signed with an RSA key in PKCS#1, as KCP writes its authorities", async () => {
    const { privateKey } = crypto.generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs1", format: "pem" },
    });
    const authority = await createAuthority("any");
    // Only the key matters here: the name is copied from whatever certificate the authority has.
    const leaf = await issue(
      { cert: authority.cert, key: privateKey },
      { commonName: "admin", organization: "system:masters" },
    );
    const cert = new crypto.X509Certificate(leaf.cert);
    assert.ok(cert.verify(crypto.createPublicKey(privateKey)));
    assert.match(cert.subject, /O=system:masters\nCN=admin/);
  });
});
