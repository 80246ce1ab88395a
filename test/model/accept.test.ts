import assert from "node:assert";
import { defineCheck } from "../../model/checks/check";
import { judge } from "../../model/checks/accept";
import type { Finding } from "../../model/findings/finding";

const check = (id: string, acceptable = true) =>
  defineCheck({ id, summary: "It holds.", why: "it hurts", acceptable, run: () => [] });
const known = [check("hosts/mac-unique"), check("etcd/member-count-odd", false)];
const finding = (id: string, at: string): Finding => ({ id, severity: "error", at, problem: "p", fix: "f" });
const mac = finding("hosts/mac-unique", "hosts[1].mac");
const other = finding("hosts/mac-unique", "hosts[2].mac");
const etcd = finding("etcd/member-count-odd", "controlPlane.replicas");
const today = "2026-11-25";

/** `id place` of the findings that stand. */
const standing = (found: readonly Finding[], accept: Parameters<typeof judge>[1]) =>
  judge(found, accept, today, known).findings.map(({ id, severity, at }) => `${severity} ${id} ${at}`);

describe("accepting a finding", () => {
  it("sets every finding of the id apart, with its reason", () => {
    const { findings, accepted } = judge(
      [mac, other, etcd],
      [{ id: mac.id, reason: "bridged" }],
      today,
      known,
    );
    assert.deepStrictEqual(findings, [etcd]);
    assert.deepStrictEqual(accepted, [
      { finding: mac, reason: "bridged" },
      { finding: other, reason: "bridged" },
    ]);
  });

  it("can be about one place alone", () => {
    assert.deepStrictEqual(standing([mac, other], [{ id: mac.id, at: "hosts[1].mac", reason: "r" }]), [
      "error hosts/mac-unique hosts[2].mac",
    ]);
  });

  it("holds to the end of its last day, and then the finding stands again", () => {
    assert.deepStrictEqual(standing([mac], [{ id: mac.id, reason: "r", until: today }]), []);
    assert.deepStrictEqual(standing([mac], [{ id: mac.id, reason: "r", until: "2026-11-24" }]), [
      "error hosts/mac-unique hosts[1].mac",
      "error accept/not-expired accept[0].until",
    ]);
  });

  it("is reported when it accepts nothing", () => {
    assert.deepStrictEqual(standing([], [{ id: mac.id, reason: "r" }]), [
      "warning accept/finding-present accept[0]",
    ]);
  });

  it("is refused for an unknown id, with the nearest one", () => {
    const { findings } = judge([mac], [{ id: "hosts/macs-unique", reason: "r" }], today, known);
    assert.deepStrictEqual(
      findings.map(({ id, problem, fix }) => `${id}: ${problem}; ${fix}`),
      [
        "hosts/mac-unique: p; f",
        'accept/id-known: no check has the id "hosts/macs-unique"; did you mean "hosts/mac-unique"?',
      ],
    );
  });

  it("is refused where it would destroy data or deadlock, and the finding stands", () => {
    assert.deepStrictEqual(standing([etcd], [{ id: etcd.id, reason: "r" }]), [
      "error etcd/member-count-odd controlPlane.replicas",
      "error accept/id-acceptable accept[0].id",
    ]);
  });
});
