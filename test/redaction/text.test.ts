import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { plainText, shownOnOneLine } from "../../model/redaction/shown";
import { scrubbed, secretsOf, withoutSecretVariables } from "../../model/redaction/text";
import { longTexts } from "./long-texts";

const root = path.join(__dirname, "../..");
const pemBody = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7PLANTEDPLANTED";
const pem = (label: string) => `-----BEGIN ${label}-----\n${pemBody}\n${pemBody}==\n-----END ${label}-----`;
const pemBase64 = Buffer.from(pem("RSA PRIVATE KEY")).toString("base64");
const hex = "0123456789abcdef0123456789abcdef01234567";

/** One secret per entry in the form in which it reaches a comment; every value holds PLANTED or is looked for as a whole. */
const planted: Readonly<Record<string, readonly [text: string, secret: string]>> = {
  "an encrypted value of a stack file": [
    "    password:\n      secure: v1:1bUX+Civ4sVFE6Wg:PLANTEDVvw6eq78HdytDXtgMByzP46fGXp2RpElRQ4",
    "PLANTED",
  ],
  "an encryption salt": ["encryptionsalt: v1:hgaLPLANTED6s=:v1:PzUH56nvJ7172Apu:QdFYxKV1rJqzFo", "PLANTED"],
  "a key of Ceph": ["[client.admin]\n key = AQPLANTEDPLANTEDPLANTEDPLANTEDPLANTED1==", "PLANTED"],
  "a key of Ceph on a command line": [
    "ceph auth --add-key=AQPLANTEDPLANTEDPLANTEDPLANTEDPLANTED1==",
    "PLANTED",
  ],
  // cspell:ignore DHHC
  "a key of NVMe": ["nvme connect -S DHHC-1:00:PLANTEDPLANTEDPLANTEDPLANTED0123456789ab=:", "PLANTED"],
  "joined options of curl": ["curl -ksu root:PLANTED https://a", "PLANTED"],
  "an enrolment of IPA": ["ipa-client-install -w PLANTED --unattended", "PLANTED"],
  // cspell:ignore SLES SUSEConnect registercloudguest regcode rpcclient restic
  "a login of Samba": ["net ads join -U admin%PLANTED", "PLANTED"],
  "a quoted login of Samba": ["net ads join -U 'EXAMPLE\\admin%two PLANTED' -k", "PLANTED"],
  "a long login of Samba": ["rpcclient --user=admin%PLANTED host", "PLANTED"],
  "a registration of SUSE": ["SUSEConnect -p SLES/15.6/x86_64 -r PLANTED -e a@example.com", "PLANTED"],
  "a registration of a read-only system": ["transactional-update register -r PLANTED", "PLANTED"],
  "a registration of SUSE in a cloud": ["registercloudguest --regcode=PLANTED", "PLANTED"],
  "a password of restic in the place of a file": ["restic -r /srv/a -p PLANTED backup", "PLANTED"],
  "any key of Ceph on a command line": ["ceph-authtool k --name client.a --add-key PLANTED", "PLANTED"],
  "a short option of Ceph": ["ceph-authtool k -n client.a -a PLANTED", "PLANTED"],
  "an attribute of XML": ['<Password value="PLANTED"/>', "PLANTED"],
  "one of several attributes of XML": ["<Password plain='true' Value = 'two PLANTED'></Password>", "PLANTED"],
  "an element of XML in another": ["<AdminPassword><Value>PLANTED</Value></AdminPassword>", "PLANTED"],
  // cspell:ignore assword sendline
  "an answer in a script of expect": ['expect "Password:"\nsleep 1\nsend -s -- "PLANTED\\r"', "PLANTED"],
  "an answer in braces": ["expect {\n  -re {.*assword: } {\n    exp_send {PLANTED}\n  }\n}", "PLANTED"],
  "an answer that holds quotes": ['expect "*?assword for root:*" { send "a\\"PLANTED\\r" }', "PLANTED"],
  "an answer in a script of Python": ["child.expect('Passphrase: ')\nchild.sendline('PLANTED')", "PLANTED"],
  "an answer in an argument": ["expect -c 'expect \"token\" ; send PLANTED\\r'", "PLANTED"],
  "an answer in an argument in quotes": [
    'sh -c "expect -c \'expect \\"assword:\\" ; send \\"PLANTED\\r\\"; expect \\$\'"',
    "PLANTED",
  ],
  "a login of a registry": ["docker login -u a -pPLANTED registry.example", "PLANTED"],
  "a key of TACACS": ["tacacs key 7 PLANTED", "PLANTED"],
  // cspell:ignore bgppeers
  "a peer of kube-vip in YAML": ["bgp_peers: 192.0.2.1:65000:PLANTED:false", "PLANTED"],
  "peers of kube-vip": ["bgp_peers: 192.0.2.1:65000::false,192.0.2.4:65000:PLANTED:false", "PLANTED"],
  "a peer of kube-vip in an entry": ["- name: bgp_peers\n  value: 192.0.2.1:65000:PLANTED:false", "PLANTED"],
  "a peer of kube-vip in a flow map": ["- {name: bgp_peers, value: '192.0.2.1:65000:PLANTED'}", "PLANTED"],
  "a peer of kube-vip in JSON": ['{"name":"bgp_peers","value":"[fd00::1]:65000:PLANTED:true"}', "PLANTED"],
  "a peer of kube-vip in JSON in JSON": ['"{\\"bgp_peers\\":\\"192.0.2.1:65000:PLANTED\\"}"', "PLANTED"],
  "a peer of kube-vip in an environment": ['bgp_peers="192.0.2.1:65000:PLANTED:false"', "PLANTED"],
  "a peer of kube-vip as an option": ["manager --bgppeers 192.0.2.1:65000:PLANTED --x", "PLANTED"],
  "a peer of kube-vip as a joined option": ["--bgppeers=[fd00::1]:65000:PLANTED:false", "PLANTED"],
  "a peer of kube-vip with a port": ["bgp_peers: 192.0.2.1:65000:PLANTED:true:179", "PLANTED"],
  "a peer of kube-vip with blanks": ["x 192.0.2.1:65000:PLAN TED PLANTED:false", "PLANTED"],
  "peers of kube-vip by rack": [
    'value: \'{{ {"r1": "192.0.2.1:65000:PLANTED:false"}[ds.meta_data.failureDomain] }}\'',
    "PLANTED",
  ],
  "a peer of kube-vip in a log": ['msg="starting" peers="192.0.2.1:65000:PLANTED:false"', "PLANTED"],
  "a password behind a mark": ["s,<password-of-tor>,PLANTED,g", "PLANTED"],
  "a password behind a mark on a command line": ["sed -e s#<password-of-tor>#PLANTED#g f", "PLANTED"],
  "a password behind a mark in JSON": ['{"a":"s,\\u003cpassword-of-tor\\u003e,PLANTED,\\n"}', "PLANTED"],
  "a private key": [pem("PRIVATE KEY"), "PLANTED"],
  "a private key in a diff": [
    pem("EC PRIVATE KEY").replaceAll("\n", "\n+     ").replace(/^/, "+     "),
    "PLANTED",
  ],
  "a private key in JSON": [JSON.stringify({ note: pem("PRIVATE KEY") }), "PLANTED"],
  "a private key without its end": [pem("PRIVATE KEY").slice(0, -40), "PLANTED"],
  "a second private key behind one without its end": [
    `-----BEGIN PRIVATE KEY-----\n${pemBody}\n\n${pem("PRIVATE KEY")}`,
    "PLANTED",
  ],
  "a private key in base64": [`tls: ${pemBase64}`, pemBase64.slice(20, 60)],
  "a kubeconfig's key": [`    client-key-data: ${pemBase64}`, pemBase64.slice(0, 30)],
  "a kubeconfig's token": ["users:\n- name: a\n  user:\n    token: PLANTED-token", "PLANTED"],
  "a password in YAML": ["+   password: PLANTED horse, battery", "PLANTED horse, battery"],
  "a password in a flow map": ["bmc: { username: metal, password: PLANTED one }", "PLANTED"],
  "a quoted password in JSON": ['{"user":"a","password":"PLANTED, {x}","b":1}', "PLANTED"],
  "a quoted password in JSON in YAML": ['stdin: "{\\"bmcPassword\\":\\"PLANTED\\"}"', "PLANTED"],
  "a password whose old and new value a preview shows": [
    '      ~ password: "PLANTED-old" => "PLANTED-new"',
    "PLANTED",
  ],
  "a password of which a preview hides one end": ['      ~ password: [secret] => "PLANTED"', "PLANTED"],
  "a password of several lines": ["+ password: |\n+   PLANTED\n+   PLANTED too\n+ other: 1", "PLANTED"],
  "a password as a number": ["password: 918273645", "918273645"],
  "a variable on a command line": ["BMC_PASSWORD=PLANTED pulumi up", "PLANTED"],
  "an option on a command line": ["ipmitool --password PLANTED power", "PLANTED"],
  "a table's row": ["| `bmc.password` | PLANTED | PLANTED-new | cosmetic |", "PLANTED"],
  "a router's password": ["+  neighbor 10.0.0.1 password PLANTED", "PLANTED"],
  "a header": ["Authorization: Bearer PLANTED0123456789abcdef", "PLANTED"],
  "a login in an address": ["redfish://admin:PLANTED@10.0.0.1/", "PLANTED"],
  "a token as the login": ["https://PLANTED0123456789@git.example.com/x", "PLANTED"],
  "a GitHub token": [`see ghp_PLANTED${hex}`, "PLANTED"],
  "a Pulumi token": [`see pul-${hex}`, hex],
  "an AWS key": ["AKIAIOSFODNN7EXAMPLE is it", "IOSFODNN"],
  "a JSON web token": ["eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJQTEFOVEVEIn0.c2lnbmF0dXJl", "eyJpc3M"],
  "a kubeadm token": ["kubeadm join --token abcdef.0123456789abcdef 10.0.0.1:6443", "0123456789abcdef"],
  "a password hash": ["ops:$6$saltsalt$PLANTED/PLANTED.PLANTED", "PLANTED"],
  "a Secret's data": [
    "+   tls.crt: c29tZSBjZXJ0aWZpY2F0ZSB0aGF0IGlzIHF1aXRlIGxvbmcgYW5kIHJhbmRvbTEyMzQ1Njc4OTA=",
    "c29tZSBj",
  ],
};

describe("no secret is left in what goes to a pull request", () => {
  for (const [what, [text, secret]] of Object.entries(planted)) {
    it(`takes out ${what}, and says that it did`, () => {
      assert.ok(text.includes(secret), "the secret is not even planted");
      const around = `before\n${text}\nafter`;
      const { text: rest, removed } = scrubbed(around);
      assert.ok(!rest.includes(secret), rest);
      assert.match(rest, /^before\n[^]*\[secret\][^]*\nafter$/);
      assert.ok(removed.size > 0);
      assert.ok(![...removed.keys()].some((kind) => kind.includes(secret)));
    });
  }

  it("takes out known values however they are spelt", () => {
    const secret = 'plain "word" für alle';
    const spelt = [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      Buffer.from(`${secret}\n`).toString("base64"),
      Buffer.from(secret).toString("base64url"),
      Buffer.from(secret).toString("hex"),
      Buffer.from(secret).toString("hex").toUpperCase(),
      JSON.stringify(JSON.stringify(secret)).slice(1, -1),
      encodeURIComponent(secret).replaceAll("%20", "+"),
      secret.replaceAll('"', "&quot;"),
    ];
    for (const each of spelt) assert.equal(scrubbed(`a ${each} b`, [secret]).removed.size, 1, each);
  });

  it("takes out a known value inside a longer text in base64, wherever it begins", () => {
    const secret = "plain-Word-0815";
    for (const before of ["", "a", "ab", "abc", "user: "])
      for (const encoding of ["base64", "base64url"] as const) {
        const encoded = Buffer.from(`${before}${secret}${before}`).toString(encoding);
        const { text, removed } = scrubbed(`a ${encoded} b`, [secret]);
        assert.ok(removed.size > 0, encoded);
        const rest = Buffer.from(text.replace(/^a |\[secret\]| b$/g, ""), encoding).toString("latin1");
        assert.ok(!/lain|Word|0815/.test(rest), text);
      }
  });

  it("takes out the long words of a known value of several lines, and not what stands everywhere", () => {
    const kubeconfig =
      "apiVersion: v1\nserver: https://management.example.com:6443\nuser: abcdefghij-0123456789\n";
    const text = "apiVersion: v1, https://management.example.com:6443, abcdefghij-0123456789";
    assert.equal(scrubbed(text, [kubeconfig]).text, text.replace("abcdefghij-0123456789", "[secret]"));
  });

  it("takes a whole known value out before its part", () => {
    assert.equal(scrubbed("s3cret-word-and-more", ["s3cret-word", "s3cret-word-and-more"]).text, "[secret]");
  });

  it("knows the environment's secrets by their names", () => {
    assert.deepEqual(
      secretsOf({
        PULUMI_CONFIG_PASSPHRASE: "a",
        GITHUB_TOKEN: "b",
        AWS_SECRET_ACCESS_KEY: "c",
        HOME: "d",
        PWD: "",
      }),
      ["a", "b", "c"],
    );
  });

  it("leaves a child no variable that names a secret", () => {
    const given = {
      PULUMI_CONFIG_PASSPHRASE: "a",
      PULUMI_CONFIG: "{}",
      GITHUB_TOKEN: "b",
      HOME: "c",
      PATH: "d",
    };
    assert.deepEqual(withoutSecretVariables(given), { HOME: "c", PATH: "d" });
  });

  it("finds nothing left in what it has scrubbed", () => {
    const all = Object.values(planted).map(([text]) => text);
    const once = scrubbed(all.join("\n\n"));
    assert.deepEqual([...scrubbed(once.text).removed], []);
    assert.equal(scrubbed(once.text).text, once.text);
  });

  it("leaves everything else as it is", () => {
    const innocent = [
      "      ~ password: [secret] => [secret]",
      "password: <password-of-capi-1/frr>",
      "bgp_peers: 192.0.2.1:65000:<password-of-api>:false,[fd00::1]:65000::true",
      "dial tcp 192.0.2.1:6443: connect: connection refused",
      "listening on 192.0.2.1:8080 and at 12:30:45:false",
      "| `enable-ingress-secrets-sync` | true | false | observability |",
      "  ingress-secrets-namespace: cilium-secrets",
      "  credentialsName: capi-1-cp-1-bmc",
      "  existingSecret: hubble-certs",
      "  automountServiceAccountToken: true",
      "  tokenExpirationSeconds: 3600",
      "error secrets/encrypted bmc.password: a secret stands in the stack file in plain text",
      "fix: pulumi config set --secret --path 'metal:bmc.password'",
      "ssh://admin@192.168.254.1",
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGd6tqjeW0qDMa4dUQzLvnA0yN4y8mHPmNQ0lQ2mQb7V ops@example.com",
      "quay.io/cilium/cilium:v1.19.5@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      "74 passed, 0 failed",
    ].join("\n");
    assert.equal(scrubbed(innocent).text, innocent);
  });

  it("leaves Cilium's renders and the routers' configurations as they are", () => {
    const folders = ["test/fixtures/renders", "test/golden/router", "test/golden/capi-1"];
    const files = folders.flatMap((folder) =>
      fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
        .map((file) => path.join(root, folder, file)),
    );
    const texts = files.filter((file) => /\.(conf|yaml)$/.test(file) && !/stack\.yaml$/.test(file));
    assert.ok(texts.length > 20);
    for (const file of texts) {
      const text = fs.readFileSync(file, "utf8");
      // A secret's place stands for it in a plan; that it goes too does no harm.
      const expected = text.replace(/(password: )bgp\.\S+/g, "$1[secret]");
      assert.equal(scrubbed(text).text, expected, file);
    }
  });

  it("finds a secret behind a long text, however that is made", () => {
    for (const text of longTexts(10_000)) {
      const given = `${text}\nBearer PLANTED0PLANTED\n`;
      assert.doesNotMatch(scrubbed(given).text, /PLANTED/, text.slice(0, 12));
      assert.doesNotMatch(shownOnOneLine(given), /PLANTED/, text.slice(0, 12));
      assert.doesNotMatch(plainText(given), /PLANTED/, text.slice(0, 12));
    }
  });
});
