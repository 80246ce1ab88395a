import { parseAddress } from "../../addresses/range";
import { defineCheck } from "../check";
import { repeated } from "../repeated";

export const dnsEntriesUnique = defineCheck({
  id: "net/dns-entries-unique",
  why: "a server written twice is asked twice when it is down, and there is no second one",
  run: ({ network }) =>
    repeated(
      network.dns.map((text, i) => ({ at: `network.dns[${i}]`, text })),
      ({ text }) => String(parseAddress(text)?.first),
    ).map(([first, again]) => ({
      at: again.at,
      problem: `"${again.text}" is also ${first.at}`,
      fix: "name another server, or remove it",
    })),
});
