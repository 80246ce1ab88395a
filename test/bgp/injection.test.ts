import assert from "node:assert";
import fc from "fast-check";
import { checks } from "../../model/checks";
import { readStack } from "../../model/stack/read-stack";
import { separateSecrets } from "../../model/stack/secrets";
import { planCluster } from "../../model/plan/plan-cluster";
import { frrConfiguration } from "../../model/bgp/router/frr";
import {
  FrrValueError,
  frr,
  frrAddress,
  frrDescription,
  frrGrammar,
  frrName,
  frrNetwork,
  frrPassword,
} from "../../model/bgp/router/frr-line";
import { mergeRouters } from "../../model/bgp/router/merge";
import { rawCapi1 } from "../model/stacks";

/** Text that somebody could try to smuggle a line in with, among ordinary text. */
const nasty = fc.oneof(
  fc.constantFrom(
    "edge",
    "exit",
    "end",
    "a\nexit",
    "a\r\nrouter bgp 1",
    "!",
    "x ! y",
    "a\u2028b",
    "a\0b",
    "-x",
  ),
  fc.string({ maxLength: 90 }),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const asn = fc.oneof(
  fc.constantFrom(0, 23456, 65001, 65010, 65535, 4294967295),
  fc.integer({ min: 64000, max: 70000 }),
);
const address = fc.oneof(
  fc.constantFrom("192.168.254.1", "10.244.0.1", "fd00::1", "::ffff:1.2.3.4", "FD00::A"),
  fc.ipV4(),
  nasty,
);
const network = fc.oneof(
  fc.constantFrom("10.250.250.0/24", "10.250.250.7/24", "fd00::/64", "0.0.0.0/0"),
  nasty,
);
/** Mostly what a person writes, at times anything. */
const mostly = <T>(usual: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const router = (name: string, own: string, as: number) =>
  fc.record({
    name: mostly(name, nasty),
    description: mostly<string | undefined>(undefined, nasty),
    asn: mostly(as, asn),
    addresses: mostly([own], fc.array(address, { minLength: 1, maxLength: 2 })),
    routerId: mostly<string | undefined>(undefined, address),
    announceDefaultRoute: fc.boolean(),
    maximumPrefixes: mostly<number | undefined>(undefined, fc.integer({ min: 0, max: 2 ** 32 })),
    acceptedPrefixes: mostly<object[]>(
      [],
      fc.array(fc.record({ prefix: network, ge: optional(fc.nat(130)), le: optional(fc.nat(130)) })),
    ),
    listenRanges: mostly(["10.250.250.0/24"], fc.array(network, { maxLength: 2 })),
    management: mostly<string | undefined>(undefined, nasty),
  });
const bgp = fc.record({
  routers: fc.tuple(router("frr", "192.168.254.1", 65001), router("edge", "192.168.254.2", 4_200_000_001)),
  instances: fc.tuple(
    fc.record({
      name: mostly("default", nasty),
      localASN: mostly(65010, asn),
      localPort: mostly<number | undefined>(undefined, fc.constantFrom(179, 1790)),
      peers: fc.tuple(
        fc.record({
          name: mostly("frr", nasty),
          routers: fc.constantFrom(["frr"], ["frr", "edge"]),
          holdTimeSeconds: fc.constantFrom(90, 65535),
          keepAliveTimeSeconds: fc.constantFrom(3, 30),
          multihop: fc.constantFrom(2, 10, 255),
          password: mostly<string | undefined>("s3cret", nasty),
        }),
      ),
    }),
  ),
  loadBalancerPools: fc.tuple(
    fc.record({ name: mostly("default", nasty), blocks: mostly(["10.250.249.0/24"], fc.array(network)) }),
  ),
});

const base = rawCapi1();

/** Checks that refuse a stack, without those about what a well-formed announcement achieves. */
const form = checks.filter(
  ({ id, severity }) =>
    id.startsWith("bgp/") &&
    severity === "error" &&
    !["bgp/cluster-ips-served", "bgp/default-route-accepted"].includes(id),
);

/** The configurations of a stack that passes every check; undefined when it is refused. */
function configurations(peering: unknown): readonly string[] | undefined {
  const { raw, values } = separateSecrets(JSON.parse(JSON.stringify({ ...base, bgp: peering })));
  const { stack } = readStack(raw, "capi-1");
  if (stack === undefined) return undefined;
  // BGP's own checks must be enough; the others would only refuse more.
  if (form.some((check) => check.run(stack, values).length > 0)) {
    return undefined;
  }
  const { routers } = mergeRouters(planCluster(stack).routers);
  return routers.map((router) =>
    frrConfiguration(router, ({ password }) => values.get(password ?? "") ?? ""),
  );
}

const isOurs = (line: string) => frrGrammar.some((form) => form.test(line));

describe("a router's configuration", () => {
  it("consists of lines of the grammar, whatever a stack says that passes the checks", () => {
    let written = 0;
    fc.assert(
      fc.property(bgp, (peering) => {
        const texts = configurations(peering);
        if (texts === undefined) return;
        written += 1;
        for (const text of texts) {
          assert.ok(text.endsWith("\n") && /^[\x20-\x7e\n]*$/.test(text));
          assert.deepStrictEqual(
            text
              .slice(0, -1)
              .split("\n")
              .filter((line) => !isOurs(line)),
            [],
          );
        }
      }),
      { numRuns: 100, seed: 5 },
    );
    // A law about nothing would hold as well.
    assert.ok(written > 10, `${written} of 100 stacks passed the checks`);
  });

  for (const [title, part] of Object.entries({
    "a description with a newline": { routers: [{ description: "a\nexit" }] },
    "a description that begins a comment": { routers: [{ description: "! a" }] },
    "a router's name that ends a line": { routers: [{ name: "frr\nexit" }] },
    "a peer's name that ends a line": { peers: [{ name: "frr\nexit" }] },
    "a password with a newline": { peers: [{ password: "a\nexit" }] },
    "a password with an exclamation mark": { peers: [{ password: "!" }] },
    "a password that ends the block": { peers: [{ password: "exit" }] },
    "an address with more behind it": { routers: [{ addresses: ["192.168.254.1 peer-group x"] }] },
    "a listen range with more behind it": { routers: [{ listenRanges: ["10.250.250.0/24\nexit"] }] },
  } as Readonly<Record<string, { routers?: object[]; peers?: object[] }>>)) {
    it(`is not written for ${title}`, () => {
      const router = { name: "frr", asn: 65001, addresses: ["192.168.254.1"], ...part.routers?.[0] };
      const peer = { name: "frr", routers: ["frr"], multihop: 10, ...part.peers?.[0] };
      const peering = { routers: [router], instances: [{ localASN: 65010, peers: [peer] }] };
      assert.strictEqual(configurations(peering), undefined);
    });
  }

  it("takes no text into a line but through a checked value, and quotes none in its errors", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        for (const make of [frrName, frrAddress, frrNetwork, frrDescription, frrPassword]) {
          try {
            assert.ok(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(make(text)));
          } catch (error) {
            assert.ok(error instanceof FrrValueError);
            assert.ok(text.length < 12 || !error.message.includes(text));
          }
        }
      }),
    );
    assert.throws(() => frr`no such ${frrName("line")}`, FrrValueError);
  });
});
