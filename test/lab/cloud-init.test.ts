import assert from "node:assert/strict";
import childProcess from "node:child_process";
import path from "node:path";
import { list, number, text } from "../../model/kubernetes/object";
import { parseCidr } from "../../model/net/addresses";
import { planCluster } from "../../model/plan/plan-cluster";
import { goodStack, goodStackNames, shapeNames, shapeStack } from "../model/fixtures";
import { changeHost, stackWith } from "../model/stacks";

/** Debian's package keeps its modules where only the system's Python looks for them. */
const python = "/usr/bin/python3";
const installed = childProcess.spawnSync(python, ["-c", "import cloudinit"]).status === 0;
const why = installed ? "" : " (skipped: cloud-init is not installed; apt-get install cloud-init)";

interface Rendered {
  readonly warnings: readonly string[];
  readonly netplan: { readonly network: Readonly<Record<string, Readonly<Record<string, Interface>>>> };
}

interface Interface {
  readonly addresses?: readonly string[];
  readonly routes?: readonly { readonly to: string; readonly via: string }[];
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly mtu?: number;
}

/** What cloud-init makes of network data: what it logs, and the netplan document. */
function render(documents: readonly unknown[]): readonly Rendered[] {
  const program = path.join(__dirname, "cloud-init/render.py");
  const { status, stdout, stderr } = childProcess.spawnSync(python, [program], {
    input: JSON.stringify(documents),
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as readonly Rendered[];
}

function networkDataOf(plan: ReturnType<typeof planCluster>): readonly { name: string; data: unknown }[] {
  return plan.hosts.secrets.flatMap(({ manifest, text: own }) =>
    own["networkData"] === undefined
      ? []
      : [{ name: manifest.metadata.name, data: JSON.parse(own["networkData"]) as unknown }],
  );
}

const everyBondOption = stackWith((raw) => {
  changeHost(raw, 0, {
    links: [
      { name: "eno1", mac: "52:54:00:0a:00:20" },
      { name: "eno2", mac: "52:54:00:0b:00:20" },
      { name: "eno3", mac: "52:54:00:0c:00:20" },
      { name: "eno4", mac: "52:54:00:0d:00:20" },
    ],
    bonds: [
      {
        ...{ name: "bond0", mode: "active-backup", links: ["eno1", "eno2"], primary: "eno1" },
        ...{ primaryReselect: "better", failOverMac: "active", gratuitousArp: 3 },
        ...{ arpInterval: 200, arpTargets: ["10.250.250.1", "10.250.250.2"], arpValidate: "all" },
      },
      {
        ...{
          name: "bond1",
          mode: "802.3ad",
          links: ["eno3", "eno4"],
          lacpRate: "fast",
          adSelect: "bandwidth",
        },
        ...{ minLinks: 1, upDelay: 200, downDelay: 300, transmitHashPolicy: "vlan+srcmac" },
      },
    ],
    nodeLink: "bond0",
  });
});

const stacks = [
  ...shapeNames().map((name) => ({ name: `test/stacks ${name}`, stack: shapeStack(name) })),
  ...goodStackNames().map((name) => ({ name: `test/fixtures ${name}`, stack: goodStack(name) })),
  { name: "a host with every option of a bond", stack: everyBondOption },
];

describe(`network data in cloud-init${why}`, () => {
  const test = installed ? it : it.skip;

  for (const { name, stack } of stacks) {
    test(`renders without a warning, and as planned: ${name}`, () => {
      const planned = networkDataOf(planCluster(stack));
      for (const [i, { warnings, netplan }] of render(planned.map(({ data }) => data)).entries()) {
        const { name: secret, data } = planned[i] ?? { name: "", data: {} };
        assert.deepEqual(warnings, [], secret);
        const { ethernets, bonds, vlans } = netplan.network;
        const interfaces = new Map(Object.entries({ ...ethernets, ...bonds, ...vlans }));
        for (const network of list(data, "networks").filter(
          (each) => text(each, "ip_address") !== undefined,
        )) {
          const own = interfaces.get(text(network, "link") ?? "");
          const address = text(network, "ip_address") ?? "";
          const all = own?.addresses ?? [];
          assert.ok(
            all.some((each) => each.split("/")[0] === address && parseCidr(each) !== undefined),
            `${secret} ${address}`,
          );
          for (const route of list(network, "routes")) {
            assert.ok(
              own?.routes?.some(({ via }) => via === text(route, "gateway")),
              `${secret} ${JSON.stringify(route)}`,
            );
          }
        }
        for (const link of list(data, "links").filter((each) => number(each, "mtu") !== undefined))
          assert.equal(interfaces.get(text(link, "id") ?? "")?.mtu, number(link, "mtu"), `${secret} mtu`);
      }
    });
  }

  test("hands every option of a bond on", () => {
    const [first] = render(networkDataOf(planCluster(everyBondOption)).map(({ data }) => data));
    assert.deepEqual(
      Object.values(first?.netplan.network["bonds"] ?? {}).map(({ parameters }) => parameters),
      [
        {
          mode: "active-backup",
          primary: "eno1",
          "primary-reselect-policy": "better",
          "fail-over-mac-policy": "active",
          "gratuitous-arp": 3,
          "arp-interval": 200,
          "arp-ip-target": ["10.250.250.1", "10.250.250.2"],
          "arp-validate": "all",
        },
        {
          mode: "802.3ad",
          "mii-monitor-interval": 100,
          "lacp-rate": "fast",
          "ad-select": "bandwidth",
          "min-links": 1,
          "up-delay": 200,
          "down-delay": 300,
          "transmit-hash-policy": "vlan+srcmac",
        },
      ],
    );
  });

  test("notices a link that cloud-init cannot find", () => {
    const [first] = networkDataOf(planCluster(stackWith()));
    const broken = {
      ...(first?.data as object),
      networks: [{ id: "x", type: "ipv4", link: "eno9", ip_address: "10.0.0.1", netmask: "255.0.0.0" }],
    };
    const [rendered] = render([broken]);
    assert.equal(rendered?.netplan.network["ethernets"]?.["eno1"]?.addresses, undefined);
  });
});
