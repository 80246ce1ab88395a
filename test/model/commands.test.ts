import assert from "node:assert/strict";
import { readShell } from "../../model/checks/machines/shell";
import { findingsOfRaw } from "./fixtures";
import { callsOf } from "../work";
import { rawCapi1 } from "./stacks";

/** Problems of these commands before kubeadm, with the index of each. */
function problems(commands: readonly string[], key = "preKubeadmCommands"): readonly string[] {
  const raw = { ...rawCapi1(), machines: { [key]: commands } };
  return findingsOfRaw(raw, "capi-1").map(
    ({ at, problem }) => `${/\d+(?=\]$)/.exec(at)?.[0] ?? at}: ${problem}`,
  );
}

/** Commands after which kubeadm never runs. */
const refused: readonly (readonly [commands: readonly string[], problem: RegExp])[] = [
  [["exit 0"], /^0: "exit 0" ends the script before kubeadm runs/],
  [["true", "test -e /done && exit 0"], /^1: "exit 0" ends/],
  [["[ -d /x ] || exit 1"], /"exit 1" ends/],
  [["{ exit; }"], /"exit" ends/],
  [["while true; do exit 1; done"], /"exit 1" ends/],
  [["case $(uname) in Linux) exit 0;; esac"], /"exit 0" ends/],
  [["die() { echo $1; exit 1; }", "test -e /x || die no"], /^1: "exit 1" ends/],
  [["return 0"], /"return 0" ends/],
  [["exec /usr/local/bin/setup.sh"], /"exec \/usr\/local\/bin\/setup.sh" takes the place/],
  [["exec 2>/tmp/log setup"], /"exec setup" takes/],
  [["init 6"], /"init 6" interrupts/],
  [["/sbin/telinit 1"], /"telinit 1" interrupts/],
  [["/usr/sbin/reboot"], /"reboot" interrupts/],
  [["if true; then reboot; fi"], /"reboot" interrupts/],
  [["(sleep 60; reboot) &"], /"reboot" interrupts/],
  [["sudo -n systemctl --force reboot"], /"systemctl reboot" interrupts/],
  [["sh -c 'sleep 5; kubeadm --v=5 join'"], /"kubeadm join" interrupts/],
  [
    ["echo 'never closed"],
    /^0: the quote ' is never closed, so the shell runs nothing from there on, and kubeadm/,
  ],
  [['echo "never closed', "true"], /^0: the quote " is never closed/],
  [["true", "if true; then"], /^1: "if" is never ended/],
  [["for i in 1 2; do"], /"for" is never ended/],
  [["case x in"], /"case" is never ended/],
  [["( true"], /"\(" is never closed/],
  [["fi"], /"fi" closes nothing/],
  [["cat <<EOF > /etc/x"], /the here-document <<EOF is never ended/],
  [["cat <<-'END'\na\n\tEND x"], /the here-document <<END is never ended/],
];

/** Commands behind which kubeadm runs. */
const accepted: readonly (readonly string[])[] = [
  ["( test -e /done && exit 0; touch /done )"],
  ["sh -c 'test -e /done && exit 0'", 'bash -ec "exit 1"'],
  ["echo a | while read x; do exit 1; done", "exit 1 &", "x=$(exit 1)", "trap 'exit 1' TERM"],
  ["die() ( exit 1 )", "die || true", "unused() { exit 1; }"],
  ["f() { return 1; }", "f || true"],
  ["exec > /var/log/setup.log 2>&1", "exec > >(tee /var/log/x) 2>&1", "exec 3</etc/hosts"],
  ["echo exit 0 # exit 1", "echo 'a; reboot'", "grep -q reboot /etc/x", "init --version", "shutdown -c"],
  ["if test -e /x; then", "  echo a", "else", "echo b", "fi"],
  [
    "cat <<'EOF' > /usr/local/bin/x\n#!/bin/sh\nif true; then exit 1\nreboot\nEOF",
    "chmod +x /usr/local/bin/x",
  ],
  ["cat > /etc/x <<-EOF", "\tit's", "\tEOF"],
  ['[[ $a =~ ^(x|y)$ && -n "$b" ]] || true', "((i++)) || true", "a=(1 2 3)", "read -r x <<< 'y'"],
  ["echo \"${x:-it's}\" $((1 + (2))) `date` it\\'s", "sed -i 's/\\[a\\]/b/' /etc/x", "echo a#b"],
  [
    "x=$((cd /a && ls) | wc -l)",
    "y=$((echo '`' 'it') )",
    "((test -e /done; exit 0) )",
    "z=$(( $(ls | wc -l) + 1 ))",
  ],
  ["echo {{ ds.meta_data.name }} '{% raw %}{{{% endraw %}'"],
  ["echo {% raw %}${#a[@]} {{ it{% endraw %} '{{ ds.meta_data.name }}'"],
];

/** Lists of commands of any length. */
const many: readonly (readonly [what: string, commands: (count: number) => readonly string[]])[] = [
  ["each of them refused", (count) => Array.from({ length: count }, () => "reboot")],
  [
    "a script of a function that is called often",
    (count) => [`f() { sh -c '${"a;".repeat(count)}'; }`, ...Array.from({ length: count }, () => "f")],
  ],
];

describe("commands before kubeadm", () => {
  for (const [commands, problem] of refused) {
    it(`are refused: ${JSON.stringify(commands)}`, () => {
      const found = problems(commands);
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", problem);
    });
  }

  for (const commands of accepted) {
    it(`are accepted: ${JSON.stringify(commands)}`, () => assert.deepEqual(problems(commands), []));
  }

  for (const [what, commands] of many) {
    it(`are judged in proportion to their number: ${what}`, async () => {
      const work = (count: number) => callsOf(() => problems(commands(count)));
      await work(1);
      const [none, few, most] = [await work(1), await work(50), await work(500)];
      assert.ok(most - none < 15 * (few - none), `${none}, ${few} and ${most} calls`);
    });
  }

  it("may end the script behind it, and may not be incomplete there", () => {
    assert.deepEqual(problems(["test -e /done && exit 0", "touch /done"], "postKubeadmCommands"), []);
    assert.match(problems(["echo 'x"], "postKubeadmCommands").join(), /the quote ' is never closed/);
  });
});

/** What is nested in itself, to any depth. */
const nested: readonly (readonly [what: string, script: (depth: number) => string])[] = [
  ["subshells in double parentheses", (depth) => `${"echo $((echo ".repeat(depth)}x${") )".repeat(depth)}`],
  ["calculations", (depth) => `echo ${"$((1 + ".repeat(depth)}1${"))".repeat(depth)}`],
  ["substitutions", (depth) => `${"echo $(".repeat(depth)}x${")".repeat(depth)}`],
  ["quoted substitutions", (depth) => `echo ${'"$(echo '.repeat(depth)}x${')"'.repeat(depth)}`],
  ["quoted parameters", (depth) => `echo ${'"${a:-'.repeat(depth)}x${'}"'.repeat(depth)}`],
  ["unclosed parameters", (depth) => `echo ${'"${'.repeat(depth)}`],
  ["unclosed double parentheses", (depth) => "echo $((".repeat(depth)],
  ["arrays", (depth) => `${"a=(".repeat(depth)}${")".repeat(depth)}`],
  ["process substitutions", (depth) => `${"cat <(".repeat(depth)}x${")".repeat(depth)}`],
  ["conditions", (depth) => `${"if a; then ".repeat(depth)}b${"; fi".repeat(depth)}`],
  ["cases", (depth) => `${"case x in a) ".repeat(depth)}b${";; esac".repeat(depth)}`],
];

/** What is repeated in one script, any number of times. */
const long: readonly (readonly [what: string, script: (count: number) => string])[] = [
  ["two parentheses that look like arithmetic up to the end", (count) => "x=$((echo '((') )\n".repeat(count)],
  ["subshells in double parentheses", (count) => "x=$((cd /a && ls) | wc)\n".repeat(count)],
  ["here-documents in substitutions", (count) => "x=$(cat <<EOF\na\nEOF\n)\n".repeat(count)],
  ["here-documents of one line", (count) => `cat ${"<<E ".repeat(count)}\n${"E\n".repeat(count)}`],
  ["backquotes", (count) => "echo `date`\n".repeat(count)],
  ["quotes in one line", (count) => `echo ${"'a'\"b\"".repeat(count)}`],
  ["jobs in nested groups", (count) => `${"{ ".repeat(50)}${"a & ".repeat(count)}${"} & ".repeat(50)}`],
  [
    "a long function that is called often",
    (count) => `f() {\n${"a\n".repeat(count)}}\n${"f\n".repeat(count)}`,
  ],
];

describe("the reading of a script", () => {
  it("is unclear about what it does not know, and then finds nothing broken", () => {
    for (const script of ["echo $'it\\'s'", "a b (c", `${"(".repeat(10_000)}`]) {
      const { isUnclear, broken } = readShell(script);
      assert.deepEqual([isUnclear, broken], [true, undefined], script.slice(0, 20));
    }
  });

  it("ends with functions that call each other", () => {
    const functions = Array.from({ length: 40 }, (_, i) => `f${i}() { f${i + 1}; f${i + 1}; }`);
    assert.ok(readShell(`${functions.join("\n")}\nf0\ng() { g; }\ng`).commands.length < 10_000);
  });

  it("finds each command once, also where two parentheses are no arithmetic", () => {
    const depth = 40;
    const { commands, ...rest } = readShell(
      `${"echo $((echo ".repeat(depth)}x${") )".repeat(depth)}; exit 1`,
    );
    assert.deepEqual(rest, { isUnclear: false });
    assert.equal(commands.length, depth + 2);
    const documents = readShell("x=$((cat <<EOF) )\nfi\nEOF\n");
    assert.deepEqual([documents.broken, documents.commands.length], [undefined, 1]);
  });

  for (const [what, script] of nested) {
    it(`is unclear about ${what} that are nested 10,000 times`, () => {
      const { isUnclear, broken } = readShell(script(10_000));
      assert.deepEqual([isUnclear, broken], [true, undefined]);
    });
  }

  for (const [what, script] of long) {
    it(`works in proportion to the text with ${what}`, async () => {
      const [small, large] = [script(40), script(400)];
      readShell(large);
      const [few, many] = [await callsOf(() => readShell(small)), await callsOf(() => readShell(large))];
      const growth = many / few / (large.length / small.length);
      assert.ok(growth < 1.5, `${few} calls for ${small.length} characters, ${many} for ${large.length}`);
    });
  }
});
