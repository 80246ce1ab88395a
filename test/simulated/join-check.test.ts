import "reflect-metadata";
import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { KubeadmPlan } from "../../lab/simulated/boot/kubeadm";
import { BootRefused } from "../../lab/simulated/boot/cloud-config";
import { createAuthority } from "../../lab/processes/pki";
import { checkJoin, publicKeyHash } from "../../lab/workload/kubeadm-traces";

const token = "abcdef.0123456789abcdef";

describe("simulated kubeadm join", () => {
  let server: http.Server;
  let kubeconfig: string;
  let authority: string;

  before(async () => {
    authority = (await createAuthority("kubernetes")).cert;
    server = http.createServer((request, response) => {
      const known = request.headers.authorization === `Bearer ${token}`;
      response.writeHead(known ? 403 : 401, { "content-type": "application/json" }).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    kubeconfig = JSON.stringify({
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
      clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: "c", user: { token: "admin" } }],
    });
  });
  after(() => server.close());

  const join = (parts: Partial<KubeadmPlan> = {}) => {
    const plan = { endpoint: "10.0.0.9:6443", token, caCertHashes: [publicKeyHash(authority)], ...parts };
    return checkJoin(plan as KubeadmPlan, { endpoint: "10.0.0.9:6443", authority, kubeconfig });
  };
  const refuses = (parts: Partial<KubeadmPlan>, words: RegExp) =>
    assert.rejects(join(parts), (error) => error instanceof BootRefused && words.test(error.message));

  it("goes through with the endpoint, the authority and the token of the cluster", () => join());

  it("is refused at another endpoint", () =>
    refuses({ endpoint: "10.0.0.8:6443" }, /10\.0\.0\.8:6443 does not answer/));

  it("is refused when the pinned authority is another", () =>
    refuses({ caCertHashes: ["sha256:00"] }, /none of the public keys/));

  it("is refused with a token that the API server does not know, and names only its id", () =>
    refuses({ token: "abcdef.wrong" }, /does not take the bootstrap token abcdef$/));
});
