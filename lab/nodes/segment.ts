import { ip } from "../namespace/enter";
import type { LabNode } from "./node";
import { familyOf } from "../../model/net/addresses";

/** A network of the lab: a bridge in the lab's own network namespace, with the gateway's addresses. */
export class Segment {
  private constructor(
    private readonly bridge: string,
    private readonly gateways: readonly string[],
  ) {}

  /** Makes the bridge with addresses written `10.0.0.1/24`; the first of each family is the gateway of its nodes. */
  static create(bridge: string, addresses: readonly string[]): Segment {
    ip("link", "add", bridge, "type", "bridge");
    ip("link", "set", bridge, "up");
    for (const address of addresses) ip("address", "add", address, "dev", bridge, ...noDetection(address));
    return new Segment(
      bridge,
      addresses.map((address) => address.split("/")[0] ?? ""),
    );
  }

  /**
   * Plugs a node in, as the interface of that name. An agent takes a virtual interface for a device only where a default
   * route leaves by it (Cilium, pkg/datapath/linux/devices_controller.go).
   */
  plug(node: LabNode, device: string, addresses: readonly string[]): void {
    const port = `p-${node.spec.name}`;
    ip("link", "add", port, "type", "veth", "peer", "name", device, "netns", String(node.pid));
    ip("link", "set", port, "master", this.bridge, "up");
    node.run("ip", "link", "set", device, "up");
    for (const address of addresses) {
      node.run("ip", "address", "add", address, "dev", device, ...noDetection(address));
      const gateway = this.gateways.find((each) => familyOf(each) === familyOf(address.split("/")[0] ?? ""));
      if (gateway !== undefined) node.run("ip", "route", "replace", "default", "via", gateway, "dev", device);
    }
  }
}

/** Duplicate address detection would hold an IPv6 address back for a second. */
function noDetection(address: string): readonly string[] {
  return address.includes(":") ? ["nodad"] : [];
}
