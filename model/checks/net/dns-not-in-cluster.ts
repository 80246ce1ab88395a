import { parseAddress } from "../../addresses/range";
import { defineCheck } from "../check";

export const dnsNotInCluster = defineCheck({
  id: "net/dns-not-in-cluster",
  why: "a name server that this stack itself installs is not there while the stack installs it",
  run: ({ network, hosts, kubernetes }) => {
    const ours = [
      { at: "kubernetes.endpoint.host", text: kubernetes.endpoint.host },
      ...hosts.flatMap(({ address }, i) =>
        address === undefined ? [] : [{ at: `hosts[${i}].address`, text: address }],
      ),
    ];
    return network.dns.flatMap((text, i) =>
      ours
        .filter(
          (own) =>
            own.text !== network.gateway && parseAddress(own.text)?.first === parseAddress(text)?.first,
        )
        .map((own) => ({
          at: `network.dns[${i}]`,
          problem: `"${text}" is ${own.at}`,
          fix: "write a name server of your network, outside the cluster",
        })),
    );
  },
});
