import { addLoopbackAddress, removeLoopbackAddress } from "../namespace/network";
import type { MachineInterface } from "../simulated/boot/network";

/** A server that gets power. */
export interface ServerSpec {
  /** The name of its node. */
  readonly name: string;
  /** The addresses with which the node registers. */
  readonly addresses: readonly string[];
  /** Its interfaces as its network data configures them; empty where DHCP does. */
  readonly interfaces: readonly MachineInterface[];
}

/** A server that has power. */
export interface Server {
  readonly name: string;
  /** The command that runs another one on the server's network. */
  on(argv: readonly string[]): readonly string[];
  /** Whether its network is its own, so that ports of other servers are free on it. */
  readonly ownNetwork: boolean;
}

/** The servers of a lab, as far as they have power. */
export interface Servers {
  powerOn(spec: ServerSpec): Promise<Server>;
  /** Cuts the power; everything that runs on the server ends. */
  powerOff(server: Server): Promise<void>;
  /** Puts the control plane endpoint's address on a server, as kube-vip does, or on the load balancer before it. */
  announce(address: string, server: Server, byBgp: boolean): void;
  /** Takes it away: new connections fail at once. */
  withdraw(address: string, server: Server, byBgp: boolean): void;
}

/** All servers on the loopback interface of the lab's one network namespace. */
export class LoopbackServers implements Servers {
  powerOn({ name, addresses }: ServerSpec): Promise<Server> {
    for (const address of addresses) addLoopbackAddress(address);
    return Promise.resolve({ name, on: (argv) => argv, ownNetwork: false });
  }

  powerOff(): Promise<void> {
    return Promise.resolve();
  }

  announce(address: string): void {
    addLoopbackAddress(address);
  }

  withdraw(address: string): void {
    removeLoopbackAddress(address);
  }
}
