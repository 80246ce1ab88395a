import { exampleText } from "./command-line";

/** capi-1 with so many more hosts, each with a name that is refused. */
export function withBadHosts(count: number): string {
  const host = (i: number) =>
    `    - { name: BAD_${i}, pool: workers, mac: "52:54:00:${[i >> 16, i >> 8, i].map((n) => (n & 255).toString(16).padStart(2, "0")).join(":")}", ` +
    `bmc: { address: "redfish-virtualmedia://10.${i >> 8}.${i & 255}.1/redfish/v1/Systems/1" } }\n`;
  return exampleText.replace(
    "\n  metal:controlPlane:",
    `${Array.from({ length: count }, (_, i) => host(i)).join("")}\n  metal:controlPlane:`,
  );
}

/** capi-1 with so many keys that no stack has. */
export function withUnknownKeys(count: number): string {
  return exampleText + Array.from({ length: count }, (_, i) => `  metal:key${i}: 1\n`).join("");
}
