import assert from "node:assert/strict";
import { agentNotifications } from "../../model/live/bgp/session-cause";

/** The JSON lines are GoBGP's own, recorded in the lab; the others are Cilium's form of them, the one with words of an agent of 1.19.5. */
describe("NOTIFICATIONs in an agent's log", () => {
  it("are read with who, which way and why", () => {
    const log = [
      '{"time":"2026-11-25T11:00:52.9Z","level":"INFO","msg":"sent notification","Topic":"Peer","Key":"192.168.254.1","State":"BGP_FSM_ACTIVE","Code":2,"Subcode":2,"Data":null}',
      '{"time":"2026-11-25T11:03:40.1Z","level":"INFO","msg":"received notification","Topic":"Peer","Key":"192.168.254.1","Code":6,"Subcode":9,"Data":"BgEAAQEAAAAB"}',
      'time=2026-11-25T11:00:52Z level=warn msg="received notification" asn=65010 component=gobgp.BgpServerInstance subsys=bgp-control-plane Code=2 Subcode=2 Key=fd00::1 Topic=Peer',
      'time=2026-11-25T11:03:40Z level=warn msg="received notification" Code=6 Data="[6 1 0 1 1]" Subcode=9 Key=192.0.2.1',
    ].join("\n");
    assert.deepEqual(agentNotifications(log), [
      { address: "192.168.254.1", direction: "sent", code: 2, subcode: 2 },
      {
        address: "192.168.254.1",
        direction: "received",
        code: 6,
        subcode: 9,
        reason: { code: 6, subcode: 1 },
      },
      { address: "fd00::1", direction: "received", code: 2, subcode: 2 },
      {
        address: "192.0.2.1",
        direction: "received",
        code: 6,
        subcode: 9,
        reason: { code: 6, subcode: 1 },
      },
    ]);
  });

  it("are read where agents write words in place of codes", () => {
    const refused = (words: string) =>
      `time=2026-12-01T16:03:20.271Z level=warn msg="sent notification" module=agent.controlplane.bgp-control-plane instance=default Data="${words}" Topic=Peer Key=192.168.254.1 asn=65010 component=gobgp.BgpServerInstance subsys=bgp-control-plane`;
    const words = [
      "as number mismatch expected 65001, received 65010",
      "unacceptable hold time 2",
      "unsupported version 3",
      "bad BGP identifier 0.0.0.0 (0.0.0.0)",
    ];
    const found = agentNotifications(words.map(refused).join("\n"));
    assert.deepEqual(
      found.map(({ direction, code, subcode }) => [direction, code, subcode]),
      [2, 6, 1, 3].map((subcode) => ["sent", 2, subcode]),
    );
    assert.deepEqual(agentNotifications(refused("something else")), []);
  });

  it("are the only lines that count", () => {
    const log = [
      '{"level":"INFO","msg":"Peer Up","Topic":"Peer","Key":"192.168.254.1"}',
      'level=info msg="sent notification" Key=192.168.254.1',
      "not a log line at all",
      "",
    ].join("\n");
    assert.deepEqual(agentNotifications(log), []);
  });
});
