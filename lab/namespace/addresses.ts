import { spawnSync } from "node:child_process";
import net from "node:net";

/** Brings the loopback interface up and puts the addresses on it, so that a stack file needs no change. */
export function prepareLoopback(addresses: readonly string[]): void {
  ip("link", "set", "lo", "up");
  for (const address of new Set(addresses)) addLoopbackAddress(address);
}

/** Puts one more address on the loopback interface; one that is there already is fine. */
export function addLoopbackAddress(address: string): void {
  if (net.isIPv6(address)) ip("address", "replace", `${address}/128`, "dev", "lo", "nodad");
  else ip("address", "replace", `${address}/32`, "dev", "lo");
}

/** Removes an address: new connections to it fail at once without a route. */
export function removeLoopbackAddress(address: string): void {
  ip("address", "delete", `${address}/${net.isIPv6(address) ? 128 : 32}`, "dev", "lo");
}

/** Runs `ip` of iproute2; throws with its message where it fails. */
export function ip(...args: readonly string[]): void {
  const done = spawnSync("ip", args, { encoding: "utf8" });
  if (done.error !== undefined) throw new Error("ip (iproute2) is not installed; install it");
  if (done.status !== 0) throw new Error(`ip ${args.join(" ")}: ${done.stderr.trim()}`);
}
