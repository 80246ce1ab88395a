import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { KubeconfigError, resolveKubeconfig } from "../../ops/kubernetes/kubeconfig";

/** A kubeconfig with one context; cluster and user have the context's name where no other is given. */
function kubeconfig(
  context: string,
  { cluster = context, user = context, login = { token: `token-of-${context}` } as object } = {},
): string {
  return JSON.stringify({
    "current-context": context,
    contexts: [{ name: context, context: { cluster, user } }],
    clusters: [{ name: cluster, cluster: { server: `https://${context}.example.com:6443` } }],
    users: [{ name: user, user: login }],
  });
}

describe("the resolution of the kubeconfig", () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-kubeconfig-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const file = (name: string, text: string): string => {
    const place = path.join(folder, name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, text);
    return place;
  };
  const project = (): string => path.join(folder, "project");
  const environment = (...files: string[]) => ({ KUBECONFIG: files.join(path.delimiter), HOME: folder });
  const serverOf = (text: string) =>
    (parse(text) as { clusters: { cluster: { server: string } }[] }).clusters[0]?.cluster.server;
  const loginOf = (text: string) => (parse(text) as { users: { user: unknown }[] }).users[0]?.user;
  const refused = (act: () => unknown, expected: RegExp) =>
    assert.throws(act, (error: Error) => {
      assert.ok(error instanceof KubeconfigError, error.stack);
      assert.match(error.message, expected);
      return true;
    });

  it("takes a context from the first file of $KUBECONFIG that has it, and passes over a missing file", () => {
    const env = environment(
      file("one", kubeconfig("one")),
      path.join(folder, "missing"),
      file("two", kubeconfig("two")),
    );
    const resolved = resolveKubeconfig({ context: "two" }, folder, env);
    assert.equal(serverOf(resolved), "https://two.example.com:6443");
    assert.deepEqual(loginOf(resolved), { token: "token-of-two" });
  });

  it("takes cluster and user from other files, as kubectl merges them", () => {
    const split = { contexts: [{ name: "two", context: { cluster: "two", user: "one" } }] };
    const env = environment(
      file("a", JSON.stringify(split)),
      file("one", kubeconfig("one")),
      file("two", kubeconfig("two")),
    );
    const resolved = resolveKubeconfig({ context: "two" }, folder, env);
    assert.equal(serverOf(resolved), "https://two.example.com:6443");
    assert.deepEqual(loginOf(resolved), { token: "token-of-one" });
  });

  it("takes ~/.kube/config without $KUBECONFIG, and the named file whatever $KUBECONFIG is", () => {
    file(".kube/config", kubeconfig("home"));
    assert.equal(
      serverOf(resolveKubeconfig({ context: "home" }, folder, environment())),
      "https://home.example.com:6443",
    );
    file("named", kubeconfig("named"));
    const env = environment(file("one", kubeconfig("one")));
    const resolved = resolveKubeconfig({ context: "named", kubeconfig: "named" }, folder, env);
    assert.equal(serverOf(resolved), "https://named.example.com:6443");
  });

  it("takes the current context where none is wanted", () => {
    const resolved = resolveKubeconfig({}, folder, environment(file("one", kubeconfig("one"))));
    assert.equal(serverOf(resolved), "https://one.example.com:6443");
  });

  it("resolves paths of certificates from their own file's folder", () => {
    const env = environment(file("sub/one", kubeconfig("one", { login: { tokenFile: "token" } })));
    assert.deepEqual(loginOf(resolveKubeconfig({ context: "one" }, folder, env)), {
      tokenFile: path.join(folder, "sub/token"),
    });
  });

  it("agrees with kubectl's rule for entries that several files define in the same way", () => {
    const same = { user: "admin", login: { token: "same" } };
    const env = environment(file("one", kubeconfig("one", same)), file("two", kubeconfig("two", same)));
    assert.deepEqual(loginOf(resolveKubeconfig({ context: "two" }, folder, env)), { token: "same" });
  });

  describe("refuses", () => {
    it("a user that two files define differently, because kubectl would silently use the first", () => {
      const env = environment(
        file("one", kubeconfig("one", { user: "admin" })),
        file("two", kubeconfig("two", { user: "admin" })),
      );
      refused(
        () => resolveKubeconfig({ context: "two" }, folder, env),
        /user "admin" of context "two" is defined differently in .*one and .*two, .*set management.kubeconfig to .*two$/,
      );
    });

    it("a context that no file has, naming those that there are", () => {
      const env = environment(file("one", kubeconfig("one")), file("two", kubeconfig("two")));
      refused(
        () => resolveKubeconfig({ context: "three" }, folder, env),
        /^context "three" is not in the kubeconfig: .*one has one; .*two has two$/,
      );
    });

    it("a context whose cluster is not defined", () => {
      const config = { contexts: [{ name: "one", context: { cluster: "gone", user: "one" } }] };
      refused(
        () => resolveKubeconfig({ context: "one" }, folder, environment(file("one", JSON.stringify(config)))),
        /context "one" in .*one names cluster "gone", which is not defined/,
      );
    });

    it("a single file that does not exist", () => {
      refused(
        () => resolveKubeconfig({ context: "one" }, folder, environment("/no/such/file")),
        /"\/no\/such\/file" does not exist/,
      );
      refused(
        () => resolveKubeconfig({ context: "one" }, folder, environment()),
        /\.kube\/config" does not exist/,
      );
    });

    it("a list of which no file exists", () => {
      refused(
        () => resolveKubeconfig({ context: "one" }, folder, environment("/no/a", "/no/b")),
        /none of \/no\/a, \/no\/b exists/,
      );
    });

    it("a folder, an empty file and a file without a mapping", () => {
      const choice = (name: string) => () =>
        resolveKubeconfig({ context: "one", kubeconfig: name }, folder, {});
      refused(choice("."), /cannot be read: EISDIR/);
      refused(choice(file("empty", "")), /empty" is empty/);
      refused(choice(file("text", "just words\n")), /text" holds no mapping/);
    });

    it("a file that is not YAML, without quoting it", () => {
      const broken = file("broken", "users:\n  - name: a\n    token: 'SECRET-TOKEN\n");
      refused(
        () => resolveKubeconfig({ context: "one", kubeconfig: broken }, folder, {}),
        /^kubeconfig ".*broken" is not YAML: line \d+$/,
      );
    });

    it("the text of a kubeconfig in place of a path, without quoting it", () => {
      const text = "apiVersion: v1\nusers: [{token: SECRET-TOKEN}]\n";
      refused(
        () => resolveKubeconfig({ context: "one" }, folder, { KUBECONFIG: text }),
        /^\$KUBECONFIG holds the text/,
      );
      refused(
        () => resolveKubeconfig({ context: "one", kubeconfig: text }, folder, {}),
        /^management.kubeconfig holds the text/,
      );
    });

    const login = (user: object) => kubeconfig("one", { login: user });
    const merged = "users: [{name: one, user: {<<: {exec: {command: touch}}}}]\n";
    const reaching: Readonly<Record<string, [text: string, key: string]>> = {
      "runs a program": [login({ exec: { command: "touch", args: ["PLANTED"] } }), "exec"],
      "runs a program by another way": [login({ "auth-provider": { name: "gcp" } }), "auth-provider"],
      "reads a token's file": [login({ tokenFile: "/root/PLANTED" }), "tokenFile"],
      "reads a key's file": [login({ "client-key": "/root/PLANTED" }), "client-key"],
      "hides its program behind YAML's merge key": [merged, "<<"],
    };
    for (const [name, [content, key]] of Object.entries(reaching)) {
      it(`a named file of the project that ${name}, by whatever path`, () => {
        const place = file("access/k", content);
        fs.symlinkSync(place, path.join(folder, "link"));
        for (const named of ["access/k", place, "link", path.join("..", path.basename(folder), "link")]) {
          refused(
            () => resolveKubeconfig({ context: "one", kubeconfig: named }, folder, {}),
            new RegExp(`^kubeconfig "access/k" of the repository has ${key}, which`),
          );
        }
      });
    }

    it("a file of the repository outside the project or among its documentation, and none outside the repository", () => {
      const reach = file("elsewhere/k", login({ exec: { command: "touch" } }));
      const inRepository = file("repository/k", kubeconfig("one"));
      fs.mkdirSync(path.join(folder, "repository/.git"));
      fs.mkdirSync(path.join(folder, "repository/project"));
      const inside = path.join(folder, "repository/project");
      refused(
        () => resolveKubeconfig({ context: "one", kubeconfig: inRepository }, inside, {}),
        /^kubeconfig "\.\.\/k" is in the repository where its changes are not seen/,
      );
      refused(
        () =>
          resolveKubeconfig({ context: "one", kubeconfig: file("docs/k", kubeconfig("one")) }, folder, {}),
        /^kubeconfig "docs\/k" is in the repository where its changes are not seen/,
      );
      assert.ok(resolveKubeconfig({ context: "one", kubeconfig: reach }, inside, {}));
      assert.ok(resolveKubeconfig({ context: "one" }, inside, environment(reach)));
    });

    it("a device, which would be read without end", () => {
      refused(
        () => resolveKubeconfig({ context: "one", kubeconfig: "/dev/zero" }, folder, {}),
        /"\/dev\/zero" is a device or a pipe/,
      );
      refused(
        () => resolveKubeconfig({}, folder, environment("/dev/zero")),
        /"\/dev\/zero" is a device or a pipe/,
      );
    });

    it("a relative path in a named file, which the provider would not find", () => {
      const named = file("named", kubeconfig("named", { login: { "client-key": "key.pem" } }));
      refused(
        () => resolveKubeconfig({ context: "named", kubeconfig: named }, project(), {}),
        /client-key "key.pem" in .*named is a relative path, .*--flatten/,
      );
    });

    it("a client certificate that has expired, and one that is missing", () => {
      const key = path.join(folder, "key.pem");
      const certificate = path.join(folder, "cert.pem");
      childProcess.execFileSync(
        "openssl",
        [
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:P-256",
          "-nodes",
          "-subj",
          "/CN=a",
          "-days",
          "1",
          "-keyout",
          key,
          "-out",
          certificate,
        ],
        { stdio: "ignore" },
      );
      const data = fs.readFileSync(certificate).toString("base64");
      const inline = file("inline", kubeconfig("one", { login: { "client-certificate-data": data } }));
      const later = Date.now() + 3 * 86_400_000;
      assert.ok(resolveKubeconfig({ context: "one", kubeconfig: inline }, folder, {}));
      refused(
        () => resolveKubeconfig({ context: "one", kubeconfig: inline }, folder, {}, later),
        /client certificate of user "one" in .*inline expired on \d{4}-\d\d-\d\d; renew it/,
      );
      const absent = file("absent", kubeconfig("one", { login: { "client-certificate": "/no/such.pem" } }));
      refused(
        () => resolveKubeconfig({ context: "one", kubeconfig: absent }, project(), {}),
        /"\/no\/such.pem", which .*absent names, cannot be read: ENOENT/,
      );
    });
  });
});
