import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { badStacks, rawBadStack } from "../model/fixtures";
import { AgreeableApi, type ProgramRun, configure, runProgram } from "./run-program";

const root = path.join(__dirname, "../..");
const golden = path.join(root, "test/golden/capi-1");
const stackFile = path.join(root, "Pulumi.capi-1.yaml");

/** One golden file per step of index.ts; what no other room takes is in `inside-the-cluster`. */
const rooms: Readonly<Record<string, RegExp>> = {
  "management-and-commands": /^(pulumi:providers|command:|metal:)/,
  hosts: /BareMetalHost|core\/v1:Secret/,
  "resource-set": /addons\.cluster|ConfigMap\/capi-1/,
  cluster: /(infrastructure|controlplane|bootstrap)\.cluster|cluster\.x-k8s\.io|ipam\.metal3/,
  bgp: /cilium\.io/,
  "inside-the-cluster": /./,
};

describe("the program on capi-1, under mocks", () => {
  const api = new AgreeableApi();
  let kubeconfig = "";
  before(async () => {
    kubeconfig = await api.listen();
  });
  after(() => api.stop());

  for (const phase of ["update", "preview"] as const) {
    describe(phase, () => {
      let run: ProgramRun;
      before(async () => {
        configure(stackFile, kubeconfig);
        run = await runProgram(phase === "preview");
      });

      for (const room of Object.keys(rooms)) {
        it(`registers what test/golden/capi-1/${room}.yaml shows`, () => {
          compare(`${room}.yaml`, dump(inRoom(run, room), kubeconfig));
        });
      }

      it("shows no password, not even to the golden file", () => {
        assert.ok(!dump(run, kubeconfig).includes("throw-away"));
      });
    });
  }

  it("registers the addresses of LoadBalancer services and who announces them", async () => {
    configure(stackFile, kubeconfig, (config) => {
      config["metal:loadBalancer"] = {
        pools: [{ name: "lan", blocks: ["10.250.250.192/28"] }],
        l2Announcements: [{ name: "lan", serviceSelector: { matchLabels: { expose: "lan" } } }],
      };
    });
    const { resources } = await runProgram(false);
    const names = resources.map(({ name }) => name);
    assert.ok(
      names.includes("CiliumLoadBalancerIPPool/lan") && names.includes("CiliumL2AnnouncementPolicy/lan"),
    );
  });

  describe("what it asked the management cluster", () => {
    it("asks the management cluster for dry runs and reviews only", () => {
      const changing = api.requests.filter(
        (request) =>
          !request.startsWith("GET ") &&
          !request.includes("dryRun=All") &&
          !/\/selfsubject(access|rules)reviews$/.test(request),
      );
      assert.deepStrictEqual(changing, []);
      assert.ok(api.requests.length > 50);
    });

    it("sends every planned object strictly", () => {
      const kinds = ["configmaps", "secrets", "baremetalhosts", "clusters", "kubeadmcontrolplanes"];
      for (const kind of kinds) {
        assert.ok(
          api.requests.some((request) => request.includes(`/${kind}?dryRun=All&fieldValidation=Strict`)),
          api.requests.filter((request) => request.includes("POST")).join("\n"),
        );
      }
    });
  });

  describe("bad stacks", () => {
    it("refuses every mistake at once and asks the cluster nothing", async () => {
      configure(stackFile, kubeconfig, (config) => {
        config["metal:controlPlane"] = { replicas: 2 };
        config["metal:network"] = { ...(config["metal:network"] as object), services: ["10.244.128.0/20"] };
      });
      const asked = api.requests.length;
      await assert.rejects(runProgram(true), (error: Error) => {
        assert.match(error.message, /error\[etcd\/member-count-odd\].*\n {2}--> .*controlPlane\.replicas/);
        assert.match(error.message, /error\[net\/cidrs-disjoint\].*\n {2}--> .*network\.services\[0\]/);
        assert.match(error.message, /2 errors, 0 warnings/);
        return true;
      });
      assert.strictEqual(api.requests.length, asked);
    });

    it("lists twenty planted mistakes, each with its place, and asks the cluster nothing", async () => {
      const planted = badStacks().find(({ file }) => file === "several/twenty-mistakes-at-once.yaml");
      assert.ok(planted !== undefined && planted.finds.length === 20);
      configure(stackFile, kubeconfig, (config) => {
        for (const [key, value] of Object.entries(rawBadStack(planted)))
          if (key !== "management") config[`metal:${key}`] = value;
      });
      const asked = api.requests.length;
      await assert.rejects(runProgram(true), (error: Error) => {
        const listed = [...error.message.matchAll(/^(?:error|warning)\[(\S+)\]/gm)].map(([, id]) => id);
        assert.deepStrictEqual(listed.sort(), planted.finds.map((find) => find.split(" ")[0]).sort());
        return true;
      });
      assert.strictEqual(api.requests.length, asked);
    });

    it("refuses a password in plain text without repeating it", async () => {
      configure(stackFile, kubeconfig);
      process.env["PULUMI_CONFIG_SECRET_KEYS"] = "[]";
      await assert.rejects(runProgram(true), (error: Error) => {
        assert.match(error.message, /error\[secrets\/encrypted\].*\n {2}--> .*bmc\.password/);
        assert.ok(!error.message.includes("throw-away"));
        return true;
      });
    });

    it("says so when the management cluster does not answer", async () => {
      const gone = path.join(path.dirname(kubeconfig), "gone");
      fs.writeFileSync(gone, fs.readFileSync(kubeconfig, "utf8").replace(/127\.0\.0\.1:\d+/, "127.0.0.1:9"));
      configure(stackFile, gone);
      await assert.rejects(
        runProgram(true),
        /the management cluster "management" cannot be reached, nothing was changed/,
      );
    });
  });
});

function inRoom(run: ProgramRun, wanted: string): ProgramRun {
  const roomOf = ({ type, name }: ProgramRun["resources"][number]) =>
    Object.entries(rooms).find(([, pattern]) => pattern.test(`${type} ${name}`))?.[0];
  return { ...run, resources: run.resources.filter((resource) => roomOf(resource) === wanted) };
}

/** The whole run as YAML a reviewer can read; secrets and the machine's own paths are masked. */
function dump(run: ProgramRun, kubeconfig: string): string {
  const documents = run.resources
    .map(({ type, name, inputs }) => ({ resource: `${type} ${name}`, inputs: masked(inputs) }))
    .sort((a, b) => (a.resource < b.resource ? -1 : 1));
  return documents
    .map((document) => stringify(document, { lineWidth: 0, sortMapEntries: false }))
    .join("---\n")
    .replaceAll(kubeconfig, "<kubeconfig>")
    .replaceAll(JSON.stringify(kubeconfig).slice(1, -1), "<kubeconfig>");
}

const secretSignature = "4dabf18193072939515e22adb298388d";

/** What must not be shown, and what would change with the simulated render or the place of the kubeconfig. */
const masks: Readonly<Record<string, string>> = {
  password: "[secret]",
  "cilium.yaml": "[the render]",
  METAL_RENDER_HASH: "[hash of the render]",
  METAL_ORDER: "[hash of the order]",
};

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  if (secretSignature in value) return "[secret]";
  if ("__pulumiUnknown" in value) return "[unknown]";
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      Object.hasOwn(masks, key) ? masks[key] : masked(inner),
    ]),
  );
}

function compare(file: string, actual: string): void {
  const place = path.join(golden, file);
  if (process.env["METAL_WRITE_GOLDEN"] === "1") {
    fs.mkdirSync(golden, { recursive: true });
    fs.writeFileSync(place, actual);
    return;
  }
  assert.strictEqual(actual, fs.readFileSync(place, "utf8"), "run `npm run golden` and review the diff");
}
