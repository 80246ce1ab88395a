import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import type { Change } from "../../model/change/change";
import { commitAll, example, pullRequest } from "../change/pull-requests";
import { metal } from "./command-line";
import { commandOnPath } from "./stub-command";

const stackFile = "Pulumi.capi-1.yaml";
const render = fs.readFileSync(path.join(__dirname, "../fixtures/renders/1.19.5.yaml"), "utf8");

/** A Cilium CLI that renders a chart of one file, which is no template: the manifest itself. */
const cilium = commandOnPath("cilium", `cat "$CHART_DIRECTORY/files/manifest.yaml"`);

const withChart = (folder: string) =>
  example((config) => (config["cilium"] = { ...config["cilium"], chartDirectory: folder }));

type Files = Readonly<Record<string, string>>;

function write(directory: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const place = path.join(directory, name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, text);
  }
}

/** A repository that has these files on main, and what a change of its working tree does. */
async function changed(before: Files, change: (directory: string) => void): Promise<Change> {
  const directory = pullRequest({ [stackFile]: before[stackFile] ?? withChart("charts/cilium") }, {});
  write(directory, before);
  commitAll(directory);
  change(directory);
  const { out, err } = await metal(directory, ["diff", "--json", "--base", "HEAD"], cilium);
  assert.notEqual(out, "", err);
  return JSON.parse(out) as Change;
}

const manifest = "charts/cilium/files/manifest.yaml";
const administrator = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: operator }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
subjects: [{ kind: ServiceAccount, name: default, namespace: default }]
`;
const privileged = `${render}\n${administrator}`;

describe("a chart of the project in a comparison", function () {
  this.timeout(60_000); // git, and a render of each side

  it("is of high risk where any file of it changes, and shows what two renders tell of it", async () => {
    // A template may evaluate each of them, and a text may be spelt with escapes.
    const files = {
      "charts/cilium/README.md": ["a", "b"],
      "charts/cilium/Chart.yaml": ["description: a", 'description: "\\x7b\\x7b now }}"'],
      "charts/cilium/files/x.json": ['{"a":"1"}', '{"a":"\\u007b\\u007b now }}"}'],
    } as const;
    for (const [name, [old, fresh]] of Object.entries(files)) {
      const change = await changed({ [manifest]: render, [name]: old }, (directory) =>
        write(directory, { [name]: fresh }),
      );
      assert.equal(change.level, "high", name);
      assert.match(String(change.headline), new RegExp(`^${name}: a plan does not show`));
    }
    const label = render.replace("app.kubernetes.io/name: cilium-agent", "app.kubernetes.io/name: agent");
    const shown = await changed({ [manifest]: render }, (directory) =>
      write(directory, { [manifest]: label }),
    );
    assert.notDeepEqual(shown.cilium?.objects, []);
  });

  it("is of high risk where it gives new rights, by whichever of its files", async () => {
    const change = await changed({ [manifest]: render }, (directory) =>
      write(directory, { [manifest]: privileged }),
    );
    assert.equal(change.level, "high");
    assert.match(
      String(change.headline),
      /new rights: ServiceAccount default\/default has ClusterRole cluster-admin/,
    );
  });

  it("is compared with the chart that the base had, whatever the change makes of that folder", async () => {
    const change = await changed(
      { [stackFile]: withChart("charts/old"), "charts/old/files/manifest.yaml": render },
      (directory) =>
        write(directory, {
          [stackFile]: withChart("charts/cilium"),
          "charts/old/files/manifest.yaml": privileged,
          [manifest]: privileged,
        }),
    );
    assert.equal(change.level, "high");
    assert.match(JSON.stringify(change.cilium?.privileges), /cluster-admin/);
  });

  it("is of high risk, with the reason, where neither side can be rendered", async () => {
    const change = await changed({ "charts/cilium/values.yaml": "a: 1" }, (directory) =>
      write(directory, { "charts/cilium/values.yaml": "a: 2" }),
    );
    assert.equal(change.level, "high");
    assert.match(JSON.stringify(change.effects), /not rendered here \(.*manifest\.yaml/);
    const unchanged = await changed({ "charts/cilium/values.yaml": "a: 1" }, () => undefined);
    assert.equal(unchanged.level, "high");
  });

  it("is of high risk where a file of it, or the folder, is a link", async () => {
    const files = {
      [manifest]: render,
      "docs/manifest.yaml": render,
      "docs/cilium/files/manifest.yaml": render,
    };
    const link = (target: string, name: string) => (directory: string) => {
      fs.rmSync(path.join(directory, name), { recursive: true });
      fs.symlinkSync(target, path.join(directory, name));
    };
    for (const change of [
      link("../../../docs/manifest.yaml", manifest),
      link("../docs/cilium", "charts/cilium"),
    ]) {
      const found = await changed(files, change);
      assert.equal(found.level, "high");
      assert.match(JSON.stringify(found.effects), /is a link, a submodule or a device/);
    }
  });

  it("is of high risk where a template of it comes, changes or goes, or a Helm value is a template", async () => {
    const template = "charts/cilium/templates/later.yaml";
    const text = '{{ if eq (durationRound (toDate "2006-01-02" "2026-11-29")) "9d" }}{{ end }}';
    const base = { [manifest]: render, [template]: text };
    for (const late of [
      await changed({ [manifest]: render }, (directory) => write(directory, { [template]: text })),
      await changed(base, (directory) => write(directory, { [template]: text.replace("9d", "8d") })),
      await changed(base, (directory) => fs.rmSync(path.join(directory, template))),
    ]) {
      assert.equal(late.level, "high");
      assert.match(String(late.headline), /^charts\/cilium\/templates\/later\.yaml: a plan does not show/);
    }
    const value = await changed({ [manifest]: render }, (directory) => {
      const values = { podLabels: { a: "{{ now }}" } };
      write(directory, {
        [stackFile]: example(
          (config) => (config["cilium"] = { ...config["cilium"], chartDirectory: "charts/cilium", values }),
        ),
      });
    });
    assert.equal(value.level, "high");
    assert.match(JSON.stringify(value.cilium?.privileges), /Helm value podLabels.* is a template/);
  });

  it("is of high risk with encrypted values, which are not known to a comparison", async () => {
    const secret = example((config) => {
      const values = { ipsecKey: { secure: "v1:AAAA" } };
      config["cilium"] = { ...config["cilium"], chartDirectory: "charts/cilium", values };
    });
    const change = await changed({ [stackFile]: secret, [manifest]: render }, (directory) =>
      write(directory, { "charts/cilium/values.yaml": "a: 1" }),
    );
    assert.equal(change.level, "high");
  });

  for (const folder of ["charts/cilium/", "./charts/cilium", "/charts/cilium", "docs/cilium", "components"]) {
    it(`is refused as ${folder}, before anything is rendered or touched`, async () => {
      const change = await changed({ [manifest]: render }, (directory) =>
        write(directory, { [stackFile]: withChart(folder) }),
      );
      assert.match(String(change.headline), /^refused with 1 error \(cilium\/chart-in-project\)/);
    });
  }
});
