import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import { judgeChecksum, judgeChecksumFile, judgeUrl } from "../../model/live/preflight/image";
import type { CheckResult } from "../../model/live/preflight/check-result";
import { judgeEndpointFree, judgeNotWorkload, judgeRouters } from "../../model/live/preflight/reach";
import { createAuthority, issue } from "../../lab/processes/pki";
import { fetchText, headOf, probeTcp, probeApiServer } from "../../ops/preflight/probes";
import { stackWith } from "../model/stacks";
import { preflightIn } from "./situation";

const problem = ({ problems: [first] }: CheckResult) => first?.problem ?? "";
const portOf = (server: net.Server) => (server.address() as AddressInfo).port;

async function listening<Server extends net.Server>(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

describe("the endpoint of a new cluster", () => {
  const stack = stackWith();

  it("must not be answered by another API server", () => {
    assert.match(
      problem(judgeEndpointFree(stack, false, "accepted")),
      /an API server answers on 10\.250\.250\.29:6443/,
    );
  });

  it("may refuse or be silent, and a proxy's answer tells nothing", () => {
    assert.match(
      judgeEndpointFree(stack, false, "refused").checked,
      /nothing listens on 10\.250\.250\.29:6443/,
    );
    assert.deepEqual(judgeEndpointFree(stack, false, "silence").problems, []);
    assert.match(judgeEndpointFree(stack, false, "strange").unknowns[0] ?? "", /a proxy, or another machine/);
    assert.match(judgeEndpointFree(stack, false, "no route").unknowns[0] ?? "", /no route/);
  });

  it("may answer once the cluster exists, and behind a load balancer of the user's", () => {
    assert.ok(judgeEndpointFree(stack, true, "accepted").notApplicable);
    const external = stackWith((raw) => {
      (raw["kubernetes"] as { endpoint: object }).endpoint = { host: "10.250.250.29", provider: "external" };
    });
    assert.ok(judgeEndpointFree(external, false, "accepted").notApplicable);
  });

  it("is asked as an API server: its version, or its refusal in Kubernetes' form", async () => {
    const authority = await createAuthority("test");
    const pair = await issue(authority, { commonName: "api", names: ["127.0.0.1"] });
    const body = JSON.stringify({ kind: "Status", code: 403 });
    const api = await listening(
      https.createServer({ ...pair }, (_request, response) => response.writeHead(403).end(body)),
    );
    const other = await listening(
      https.createServer({ ...pair }, (_request, response) => response.end("<html>")),
    );
    const plain = await listening(net.createServer((socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n")));
    try {
      assert.equal(await probeApiServer("127.0.0.1", portOf(api), 5), "accepted");
      assert.equal(await probeApiServer("127.0.0.1", portOf(other), 5), "strange");
      assert.equal(await probeApiServer("127.0.0.1", portOf(plain), 5), "strange");
      const verdicts = await preflightIn({
        stack: (raw) => {
          (raw["kubernetes"] as { endpoint: object }).endpoint = {
            host: "127.0.0.1",
            port: portOf(api),
            interface: "eno1",
          };
        },
      });
      assert.equal(verdicts.find(({ id }) => id === "endpoint/free")?.outcome, "findings");
    } finally {
      for (const server of [api, other]) server.closeAllConnections();
      for (const server of [api, other, plain]) server.close();
    }
    assert.equal(await probeApiServer("127.0.0.1", portOfNobody, 5), "refused");
  });
});

/** Discard; nobody serves it any more. */
const portOfNobody = 9;

describe("the routers, asked from here", () => {
  const at = "bgp.routers[0].addresses[0]";
  const probed = (outcome: Parameters<typeof judgeRouters>[0][number]["outcome"]) =>
    judgeRouters([{ at, address: "192.0.2.1", port: 179, outcome: outcome }]);

  it("are warned of when nothing listens for BGP, and unknown when silent", () => {
    const [refused] = probed("refused").problems;
    assert.equal(refused?.severity, "warning");
    assert.match(refused.problem, /192\.0\.2\.1 answers, but nothing listens for BGP on port 179/);
    assert.match(probed("silence").unknowns[0] ?? "", /192\.0\.2\.1:179: no answer from here/);
    assert.equal(probed("accepted").checked, "BGP port open on 192.0.2.1:179");
    assert.ok(judgeRouters([]).notApplicable);
  });

  it("are really asked", async () => {
    const router = await listening(net.createServer((socket) => socket.destroy()));
    assert.equal(await probeTcp("127.0.0.1", portOf(router), 5), "accepted");
    router.close();
    assert.equal(await probeTcp("127.0.0.1", portOfNobody, 5), "refused");
  });
});

describe("the image and its checksum", () => {
  const { image } = stackWith();
  const sum = "a".repeat(64);
  const name = "fedora-k8s-v1.36.3.qcow2";

  it("are missed, or want a login, or are there", () => {
    assert.match(
      problem(judgeUrl("http://h/x", "image.url", { status: 404 })),
      /"http:\/\/h\/x" is not there \(HTTP 404\)/,
    );
    assert.match(problem(judgeUrl("http://h/x", "image.url", { status: 403 })), /wants a login/);
    assert.match(judgeUrl("http://h/x", "image.url", { status: 503 }).unknowns[0] ?? "", /HTTP 503/);
    assert.match(
      judgeUrl("http://h/x", "image.url", { failure: "ENOTFOUND" }).unknowns[0] ?? "",
      /ENOTFOUND/,
    );
    assert.equal(
      judgeUrl("http://u:p@h/x", "image.url", { status: 200, bytes: 2e6 }).checked,
      "http://[secret]@h/x answers HTTP 200, 2 MB",
    );
  });

  it("the checksum has the length of its type", () => {
    assert.deepEqual(judgeChecksum({ ...image, checksum: sum }).problems, []);
    assert.match(
      problem(judgeChecksum({ ...image, checksum: sum.slice(1) })),
      /neither a URL nor a sha256 checksum of 64/,
    );
    assert.match(
      problem(judgeChecksum({ ...image, checksum: sum, checksumType: "sha512" })),
      /sha512 checksum of 128/,
    );
  });

  it("the checksum's file holds one for this image", () => {
    for (const content of [
      `${sum}\n`,
      `${sum}  ${name}\n`,
      `${sum}  other\n${sum} *${name}\n`,
      `SHA256 (${name}) = ${sum}\n`,
    ]) {
      assert.deepEqual(judgeChecksumFile(image, content).problems, [], content);
    }
    for (const content of [
      "",
      "<html>404</html>",
      `${sum}  other\n${sum}  another\n`,
      `${"a".repeat(32)}  ${name}\n`,
    ]) {
      assert.match(
        problem(judgeChecksumFile(image, content)),
        /holds no sha256 checksum for fedora-k8s/,
        content,
      );
    }
  });

  it("are asked for only when that was wished, and then really", async () => {
    const asked: string[] = [];
    const server = await listening(
      http.createServer((request, response) => {
        asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
        response
          .writeHead(request.url === "/gone" ? 404 : 200)
          .end(request.method === "HEAD" ? undefined : sum);
      }),
    );
    const base = `http://127.0.0.1:${portOf(server)}`;
    const stack = (raw: Record<string, unknown>) => {
      raw["image"] = { url: `${base}/gone`, checksum: `${base}/sum` };
      raw["bgp"] = undefined;
    };
    try {
      const verdictOf = async (network: boolean, id: string) =>
        (await preflightIn({ stack, site: { network } })).find((verdict) => verdict.id === id);
      assert.match((await verdictOf(false, "image/url-answers"))?.notApplicable ?? "", /--network/);
      assert.deepEqual(asked, []);
      assert.match((await verdictOf(true, "image/url-answers"))?.findings[0]?.problem ?? "", /HTTP 404/);
      assert.equal((await verdictOf(true, "image/checksum-usable"))?.outcome, "holds");
      assert.deepEqual([...new Set(asked)].sort(), ["GET /sum", "HEAD /gone"]);
      assert.deepEqual(await fetchText(`${base}/gone`), { status: 404 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
    assert.ok("failure" in (await headOf(`${base}/gone`)));
  });
});

describe("the context's server", () => {
  const stack = stackWith();

  it("is not the endpoint of the stack's own cluster, however it is spelt", () => {
    const server = {
      url: "https://api.capi-1.example.com:6443",
      addresses: ["api.capi-1.example.com", "10.250.250.29"],
      port: 6443,
    };
    assert.match(
      problem(judgeNotWorkload(stack, server)),
      /is this stack's own endpoint 10\.250\.250\.29:6443/,
    );
    assert.deepEqual(judgeNotWorkload(stack, { ...server, port: 443 }).problems, []);
  });
});
