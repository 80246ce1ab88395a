import assert from "node:assert";
import { type Ran, exampleText, metal, projectWith } from "./command-line";

interface BadFile {
  readonly file: string | Buffer;
  /** `line:column severity id` of everything that is found. */
  readonly finds: readonly string[];
  readonly says: RegExp;
}

const changed = (from: string | RegExp, to: string): string => {
  const text = exampleText.replace(from, to);
  assert.notStrictEqual(text, exampleText, `${String(from)} is no longer in the example`);
  return text;
};

/** The line of the example on which a text first stands. */
const line = (text: string): number => exampleText.slice(0, exampleText.indexOf(text)).split("\n").length;
const lastLine = exampleText.split("\n").length;

const bomb = `config:\n  metal:a: &a [1,1,1,1,1,1,1,1,1,1]\n${[..."bcdefghij"]
  .map(
    (name, i) =>
      `  metal:${name}: &${name} [${Array<string>(10)
        .fill(`*${"abcdefghij".charAt(i)}`)
        .join(",")}]\n`,
  )
  .join("")}`;

/** 13 KB that unfold to 50,000 values, for each of which a check has something to report. */
const aliased = [
  "x: &racks [" + Array.from({ length: 500 }, (_, i) => `rack-${i}`).join(", ") + "]",
  "config:",
  "  metal:workers:",
  ...Array.from({ length: 100 }, (_, i) => `    - { name: p-${i}, failureDomains: *racks }`),
  "",
].join("\n");
const mergeBomb = `config:\n  metal:a: &a { x: 1 }\n${[..."bcdefghij"]
  .map(
    (name, i) =>
      `  metal:${name}: &${name} { <<: [${Array<string>(10)
        .fill(`*${"abcdefghij".charAt(i)}`)
        .join(",")}] }\n`,
  )
  .join("")}`;

/** Files that are no stack at all. None may end in a stack trace. */
const files: Readonly<Record<string, BadFile>> = {
  "an empty file": { file: "", finds: ["error file/config-section"], says: /Pulumi\.a\.yaml is empty/ },
  "a file of blanks": { file: " \n\n", finds: ["error file/config-section"], says: /is empty/ },
  "a file without config:": {
    file: "a: 1\n",
    finds: ["error file/config-section"],
    says: /no "config:" section/,
  },
  "a list": { file: "- a\n- b\n", finds: ["error file/config-section"], says: /no "config:" section/ },
  "a bracket that stays open": {
    file: changed("{ ipv4: 24 }", "{ ipv4: 24"),
    finds: [`${line("{ ipv4: 24 }") + 1}:5 error file/yaml-readable`],
    says: /a bracket above stays open/,
  },
  "a quote that stays open": {
    file: changed('"1.19.5"', '"1.19.5'),
    finds: [`${lastLine}:1 error file/yaml-readable`],
    says: /a quote, bracket, comma or colon is missing/,
  },
  "a tab for indentation": {
    file: "config:\n\tmetal:name: a\n",
    finds: ["2:1 error file/yaml-readable"],
    says: /a tab indents this line/,
  },
  "a second document": {
    file: `${exampleText}---\nconfig: {}\n`,
    finds: [`${lastLine}:1 error file/yaml-readable`],
    says: /a second document begins here/,
  },
  "one key twice": {
    file: changed("    gateway: 10.250.250.1\n", "    gateway: 10.250.250.1\n    gateway: 10.250.250.1\n"),
    finds: [`${line("gateway:") + 1}:5 error file/keys-once`],
    says: /occurs twice/,
  },
  "a file of 50 MB": {
    file: Buffer.alloc(50_000_000, "a"),
    finds: ["error file/size-bounded"],
    says: /has 48 MiB; a stack file has at most 4 MiB/,
  },
  "aliases that unfold to ten thousand million values": {
    file: bomb,
    finds: ["error file/aliases-bounded"],
    says: /unfold to far too many values/,
  },
  "merges that unfold to as many": {
    file: mergeBomb,
    finds: ["error file/aliases-bounded"],
    says: /unfold to far too many values/,
  },
  "a list that a hundred pools refer to": {
    file: aliased,
    finds: ["error file/aliases-bounded"],
    says: /unfold to far too many values/,
  },
  "an alias of itself": {
    file: "config:\n  metal:hosts: &a [*a]\n",
    finds: ["error file/aliases-bounded"],
    says: /unfold to endless values/,
  },
  "an alias of nothing": {
    file: "config:\n  metal:hosts: *nobody\n",
    finds: ["2:16 error file/yaml-readable"],
    says: /refers to nothing/,
  },
  "a key behind an alias": {
    file: "config:\n  metal:name: &k metal:protect\n  *k : false\n",
    finds: ["3:3 error file/keys-plain"],
    says: /this key is not a text/,
  },
  "a merge into config:": {
    file: "config:\n  <<: { metal:protect: false }\n",
    finds: ["2:3 error file/keys-plain"],
    says: /merged into this map/,
  },
  "a merge at the root": {
    file: "<<: { environment: [a] }\nconfig: {}\n",
    finds: ["1:1 error file/keys-plain"],
    says: /merged into this map/,
  },
  ...Object.fromEntries(
    ["~", "5", "[1]", "*nothing"].map((merged) => [
      `a merge of ${merged}`,
      {
        file: `config:\n  metal:machines: { <<: ${merged} }\n`,
        finds: ["2:21 error file/keys-plain"],
        says: /not a map, nor a list of maps/,
      },
    ]),
  ),
  ...Object.fromEntries(
    ["\u2028", "\u2029", "\u0085", "\r", "\u009b", "\ufeff"].map((character) => [
      `a comment that ends for Pulumi at U+${character.charCodeAt(0).toString(16)}`,
      {
        file: changed("config:\n", `config:\n  # see docs${character}  metal:protect: false\n`),
        finds: ["error file/line-breaks"],
        says: /line \d+ of Pulumi\.a\.yaml holds the character U\+/,
      },
    ]),
  ),
  ...Object.fromEntries(
    [
      "!!omap [{ a: 1 }]",
      "!!set { a }",
      "!!timestamp 2001-01-01",
      "!!binary YQ==",
      "!!str a",
      "!other a",
      "! a",
      "!<tag:yaml.org,2002:omap> [{ a: 1 }]",
    ].map((value) => [
      `a value with a tag, ${value}`,
      {
        file: `config:\n  metal:machines: { kubeletConfiguration: { a: ${value} } }\n`,
        finds: [`2:${49 + value.indexOf(" ")} error file/tags-absent`],
        says: /a tag \(!\) stands before this value/,
      },
    ]),
  ),
  "a key with a tag": {
    file: "config:\n  metal:machines: { kubeletConfiguration: { !!binary YQ==: 1 } }\n",
    finds: ["2:54 error file/tags-absent"],
    says: /a text that begins with ! in quotes/,
  },
  "brackets ten thousand deep": {
    file: `config: ${"[".repeat(10_000)}${"]".repeat(10_000)}`,
    finds: ["error file/nesting-bounded"],
    says: /nests deeper than 100 levels/,
  },
  "dashes ten thousand deep": {
    file: `config:\n  metal:hosts:\n    ${"- ".repeat(10_000)}a\n`,
    finds: ["error file/nesting-bounded"],
    says: /nests deeper than 100 levels/,
  },
  "binary garbage": {
    file: Buffer.from(Array.from({ length: 1024 }, (_, i) => (i * 151) % 256)),
    finds: ["error file/text-utf8"],
    says: /holds bytes that are no text/,
  },
  "text of another encoding": {
    file: Buffer.from(exampleText.replace("The worked example", "Le cas d'\u00e9cole"), "latin1"),
    finds: ["error file/text-utf8"],
    says: /holds bytes that are no text/,
  },
  "a number for a version": {
    file: changed('"1.19.5"', "1.20"),
    finds: [`${line('"1.19.5"')}:14 error config/value-accepted`],
    says: /1\.20 is a number here.*write a full version: "1\.20\.2"/,
  },
  "a number for a version that is not supported": {
    file: changed('"1.19.5"', "1.2"),
    finds: [`${line('"1.19.5"')}:14 error config/value-accepted`],
    says: /1\.2 is a number here.*write a version, such as 1\.19\.5/,
  },
  "a version without its last number": {
    file: changed('"1.19.5"', '"v1.18"'),
    finds: [`${line('"1.19.5"')}:14 error config/value-accepted`],
    says: /"v1\.18" is not a version, such as 1\.19\.5.*write a full version: "1\.18\.4"/,
  },
  "a number for a version of Kubernetes": {
    file: changed("version: v1.36.3", "version: 1.36"),
    finds: [`${line("version: v1.36.3")}:14 error config/value-accepted`],
    says: /1\.36 is a number here.*write a full version: "v1\.36\.3"/,
  },
  "a number for an address": {
    file: changed(/dns: \[.*\]/, "dns: 10.0"),
    finds: [`${line("dns:")}:10 error config/value-accepted`],
    says: /10\.0 is one value, not a list.*write a list/,
  },
  "an address for a list of addresses": {
    file: changed(/dns: \[.*\]/, "dns: 10.0.0.1"),
    finds: [`${line("dns:")}:10 error config/value-accepted`],
    says: /"10\.0\.0\.1" is one value, not a list.*put it in brackets/,
  },
  "a number out of range in quotes": {
    file: changed("port: 6443", 'port: "66443"'),
    finds: [`${line("port: 6443")}:13 error config/value-accepted`],
    says: /"66443" is text, not .*write a whole number/,
  },
  "a MAC address read as a sexagesimal number": {
    file: `%YAML 1.1\n---\n${changed("mac: 52:54:00:0a:00:20\n", "mac: 52:54:00:10:00:20\n")}`,
    finds: [`${line("mac:") + 2}:12 error config/value-accepted`],
    says: /52:54:00:10:00:20 is a number here.*put it in quotes: "52:54:00:10:00:20"/,
  },
  "a serial number without its zeros": {
    file: changed("S4EMNX0R100023", "0012345"),
    finds: [`${line("S4EMNX0R100023")}:40 error config/value-accepted`],
    says: /put it in quotes: "0012345"/,
  },
  "a Cyrillic letter in a host's name": {
    file: changed("name: capi-1-cp-2", "name: c\u0430pi-1-cp-2"),
    finds: [`${line("name: capi-1-cp-2")}:13 error config/value-accepted`],
    says: /holds "\u0430" \(U\+0430\), which only looks like "a"/,
  },
  "a Cyrillic letter in a key": {
    file: changed("    gateway:", "    g\u0430teway:"),
    finds: [`${line("gateway:")}:5 error config/key-known`],
    says: /unknown key.*holds "\u0430" \(U\+0430\).*did you mean "gateway"\?/,
  },
  "a dash that is none": {
    file: changed("name: capi-1-cp-2", "name: capi\u20111-cp-2"),
    finds: [`${line("name: capi-1-cp-2")}:13 error config/value-accepted`],
    says: /\(U\+2011\), which only looks like "-"/,
  },
  "a character that nobody sees": {
    file: changed("context: management", "context: manage\u200bment"),
    finds: [`${line("context:")}:14 error config/characters-visible`],
    says: /an invisible character \(U\+200B\)/,
  },
  "an ASN in hexadecimal digits": {
    file: changed("asn: 65001", "asn: 0xFDE9"),
    finds: [`${line("asn: 65001")}:14 error config/value-accepted`],
    says: /0xFDE9 is a number in a spelling .*write it with decimal digits: 65001/,
  },
  "an ASN in octal digits": {
    file: changed("localASN: 65010", "localASN: 0o176762"),
    finds: [`${line("localASN: 65010")}:19 error config/value-accepted`],
    says: /0o176762 is a number in a spelling .*write it with decimal digits: 65010/,
  },
  "an ASN with an exponent": {
    file: changed("asn: 65001", "asn: 6.5e4"),
    finds: [`${line("asn: 65001")}:14 error config/value-accepted`],
    says: /6\.5e4 is a number in a spelling .*write it with decimal digits: 65000/,
  },
  "an ASN with an exponent and nothing before its point": {
    file: changed("asn: 65001", "asn: .65e5"),
    finds: [`${line("asn: 65001")}:14 error config/value-accepted`],
    says: /\.65e5 is a number in a spelling .*write it with decimal digits: 65000/,
  },
  "an ASN with a leading zero": {
    file: changed("asn: 65001", "asn: 065001"),
    finds: [`${line("asn: 65001")}:14 error config/value-accepted`],
    says: /065001 is a number in a spelling .*write it with decimal digits: 65001/,
  },
  "a service domain in capitals": {
    file: changed(
      "    services: [10.96.0.0/12]\n",
      "    services: [10.96.0.0/12]\n    serviceDomain: Cluster.Local\n",
    ),
    finds: [`${line("services: [10.96") + 1}:20 error config/value-accepted`],
    says: /"Cluster\.Local" is not .*DNS domain.*such as cluster\.local/,
  },
  "a list where text belongs": {
    file: changed("namespace: capi-1", "namespace: [capi-1]"),
    finds: [`${line("namespace:")}:16 error config/value-accepted`],
    says: /a list is not a name/,
  },
  "an empty key": {
    file: changed("host: 10.250.250.29", "host:"),
    finds: [`${line("host: ")}:7 error config/value-accepted`],
    says: /"kubernetes\.endpoint\.host" is empty; fix: write an IP address/,
  },
};

/** What `check --format short` says, without its last line: `place id` of each finding. */
function found({ out }: Ran): readonly string[] {
  return out
    .trimEnd()
    .split("\n")
    .slice(0, -1)
    .map((line) => /^(?:Pulumi\.a\.yaml:)?(.*?(?:error|warning) [a-z]+\/[a-z0-9-]+)/.exec(line)?.[1] ?? line);
}

describe("a stack file that is none", () => {
  for (const [what, { file, finds, says }] of Object.entries(files)) {
    it(`is refused with exit code 2 and one clear finding: ${what}`, async () => {
      const ran = await metal(projectWith({ "Pulumi.a.yaml": file }), ["check", "--format", "short"]);
      assert.deepStrictEqual(found(ran), finds);
      assert.match(ran.out, says);
      assert.strictEqual(ran.code, 2);
      assert.strictEqual(ran.err, "");
      assert.ok(!/\n {4}at /.test(ran.out));
    });
  }

  it("takes a MAC address without letters as text, as Pulumi's own reader does", async () => {
    const text = changed(/52:54:00:0a:00:20/g, "52:54:00:10:00:20");
    assert.strictEqual((await metal(projectWith({ "Pulumi.a.yaml": text }), ["check"])).code, 0);
  });
});
