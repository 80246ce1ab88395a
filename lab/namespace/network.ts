import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import { hostCidr } from "../../model/net/addresses";
import { polled } from "../../ops/polling";
import type { Processes } from "../processes/processes";

/** The two ends of a link: addresses as `10.0.0.1/24`, the lab's first. */
interface LinkEnds {
  readonly lab: readonly string[];
  readonly inside: readonly string[];
}

/** A network namespace of the lab with its own links and routes, kept by a process that sleeps. */
export class NetworkNamespace {
  private constructor(private readonly pid: string) {}

  /** Makes the namespace; it ends with the process of that name. */
  static async start(processes: Processes, name: string): Promise<NetworkNamespace> {
    await processes.start(name, ["unshare", "--net", "sleep", "infinity"]);
    const pid = String(processes.pid(name) ?? 0);
    const own = fs.readlinkSync("/proc/self/ns/net");
    // The process has a namespace of its own when unshare has made it.
    const { held } = await polled(
      () => Promise.resolve(fs.readlinkSync(`/proc/${pid}/ns/net`)),
      (its) => its !== own,
      { seconds: 10, everySeconds: 0.05 },
    );
    if (!held) throw new Error(`${name} has got no network namespace`);
    const made = new NetworkNamespace(pid);
    made.ip("link", "set", "lo", "up");
    return made;
  }

  /** The command that runs another one on this network. */
  on(argv: readonly string[]): readonly string[] {
    return ["nsenter", "--target", this.pid, "--net", "--", ...argv];
  }

  /** Runs `ip` inside. */
  ip(...args: readonly string[]): void {
    this.run("ip", ...args);
  }

  /** Makes a link with an end in the lab's network and one inside, and puts addresses on both. */
  link(labDevice: string, device: string, { lab, inside }: LinkEnds = { lab: [], inside: [] }): void {
    ip("link", "add", labDevice, "type", "veth", "peer", "name", device, "netns", this.pid);
    ip("link", "set", labDevice, "up");
    this.ip("link", "set", device, "up");
    for (const address of lab) ip("address", "replace", address, "dev", labDevice, ...noDetection(address));
    for (const address of inside) this.addAddress(address, device);
  }

  /** Puts one more address on a device inside; one that is there already is fine. */
  addAddress(address: string, device: string): void {
    this.ip("address", "replace", address, "dev", device, ...noDetection(address));
  }

  /** Forwards packets of both families between its links. */
  forwardPackets(): void {
    // `/proc/sys/net` shows the settings of the reader's own network.
    this.run("sh", "-c", 'for setting; do echo 1 > "$setting"; done', "sh", ...forwardingSettings);
  }

  private run(...argv: readonly string[]): void {
    const [command = "", ...args] = this.on(argv);
    execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  }
}

/** Brings the loopback interface up and puts the addresses on it, so that a stack file needs no change. */
export function prepareLoopback(addresses: readonly string[]): void {
  ip("link", "set", "lo", "up");
  for (const address of new Set(addresses)) addLoopbackAddress(address);
}

/** Puts one more address on the loopback interface; one that is there already is fine. */
export function addLoopbackAddress(address: string): void {
  ip("address", "replace", hostCidr(address), "dev", "lo", ...noDetection(address));
}

/** Removes an address: new connections to it fail at once without a route. */
export function removeLoopbackAddress(address: string): void {
  ip("address", "delete", hostCidr(address), "dev", "lo");
}

/** Runs `ip` of iproute2; throws with its message where it fails. */
export function ip(...args: readonly string[]): void {
  const done = spawnSync("ip", args, { encoding: "utf8" });
  if (done.error !== undefined) throw new Error("ip (iproute2) is not installed; install it");
  if (done.status !== 0) throw new Error(`ip ${args.join(" ")}: ${done.stderr.trim()}`);
}

/** Duplicate address detection would hold an IPv6 address back for a second. */
export function noDetection(address: string): readonly string[] {
  return address.includes(":") ? ["nodad"] : [];
}

/** A router also chooses among equal paths by the ports of a connection. */
const forwardingSettings = [
  "/proc/sys/net/ipv4/ip_forward",
  "/proc/sys/net/ipv6/conf/all/forwarding",
  "/proc/sys/net/ipv4/fib_multipath_hash_policy",
  "/proc/sys/net/ipv6/fib_multipath_hash_policy",
];

/** Makes the lab's own network forward packets of both families. */
export function forwardPackets(): void {
  for (const setting of forwardingSettings) fs.writeFileSync(setting, "1");
}
