import { canonicalCidr } from "../../model/net/addresses";
import { ip, noDetection } from "../namespace/network";
import type { Leaf } from "./leaf";
import type { LabNode } from "./node";
import type { MachineInterface } from "../simulated/boot/network";

/** A network of the lab: a bridge in the lab's own network namespace; its gateways are the lab, or leaves that are plugged in. */
export class Segment {
  private constructor(private readonly bridge: string) {}

  /** Makes the bridge; its addresses are written `10.0.0.1/24`. */
  static create(bridge: string, addresses: readonly string[]): Segment {
    ip("link", "add", bridge, "type", "bridge");
    ip("link", "set", bridge, "up");
    const segment = new Segment(bridge);
    for (const address of addresses) segment.addAddress(address);
    return segment;
  }

  /** Puts one more address on the bridge, or on a leaf's port of it; one that is there already is fine. */
  addAddress(address: string, leaf?: Leaf): void {
    if (leaf === undefined) ip("address", "replace", address, "dev", this.bridge, ...noDetection(address));
    else leaf.plug(this.bridge, address, canonicalCidr(address) ?? address);
  }

  /**
   * Plugs a node in with an interface. An agent takes a virtual interface for a device only where a default route leaves by it
   * (Cilium, pkg/datapath/linux/devices_controller.go).
   */
  plug(node: LabNode, { name, mtu, addresses, routes }: MachineInterface, port: string): void {
    const settings = [...framesOnly, ...(mtu === undefined ? [] : ["mtu", String(mtu)])];
    ip("link", "add", port, "type", "veth", "peer", "name", name, "netns", String(node.pid));
    ip("link", "set", port, ...settings, "master", this.bridge, "up");
    node.run("ip", "link", "set", name, ...settings, "up");
    for (const address of addresses) {
      node.run("ip", "address", "add", address, "dev", name, ...noDetection(address));
    }
    for (const { to, via } of routes) node.run("ip", "route", "replace", to, "via", via, "dev", name);
  }
}

/** Virtual links would hand over unsegmented data of up to 64 KiB, whatever the MTU; a wire carries frames. */
const framesOnly = ["gso_max_segs", "1"];
