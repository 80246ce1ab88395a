import crypto from "node:crypto";
import net from "node:net";
import { parse } from "yaml";
import { list, text } from "../../../model/kubernetes/object";
import { BootRefused } from "./refusal";

/** The fixed addresses in a network_data.json (or its YAML form), in order. */
export function fixedAddresses(networkData: string | undefined): string[] {
  if (networkData === undefined) return [];
  const parsed: unknown = parse(networkData);
  return list(parsed, "networks")
    .filter((network) => /^ipv[46]$/.test(text(network, "type") ?? ""))
    .map((network) => (text(network, "ip_address") ?? "").split("/")[0] ?? "")
    .filter((address) => net.isIP(address) !== 0);
}

/**
 * The addresses under which a node registers: those of `--node-ip`, else the first fixed one of each family, else one
 * that the metaData names, else what DHCP would give: an address of 127.64.0.0/10 made from the host's name.
 */
export function nodeAddresses(
  nodeIp: string | undefined,
  networkData: string | undefined,
  metaData: Readonly<Record<string, string>>,
  host: string,
): string[] {
  const asked = (nodeIp ?? "").split(",").filter((entry) => entry !== "");
  for (const address of asked) {
    if (net.isIP(address) === 0)
      throw new BootRefused(`kubelet: bad --node-ip "${address}": not an IP address`);
  }
  const fixed = fixedAddresses(networkData);
  for (const address of asked) {
    if (fixed.length > 0 && !fixed.includes(address)) {
      throw new BootRefused(
        `kubelet: node IP "${address}" not found in the host's network interfaces; networkData gives ${fixed.join(", ")}`,
      );
    }
  }
  if (asked.length > 0) return asked;
  const families = [4, 6].flatMap((family) => fixed.find((address) => net.isIP(address) === family) ?? []);
  if (families.length > 0) return families;
  const named = Object.entries(metaData).find(
    ([key, value]) => /ip|address/i.test(key) && net.isIP(value) !== 0,
  );
  return [named?.[1] ?? invented(host)];
}

function invented(host: string): string {
  const [a = 0, b = 0, c = 0] = crypto.createHash("sha256").update(host).digest();
  return `127.${64 + (a % 60)}.${b}.${1 + (c % 250)}`;
}
