/** How the simulated hardware can fail; each ends as the real controllers would have it end. */
export type HostFaultKind =
  /** The BMC refuses the credentials: `registering` ends in `registration error`, again and again. */
  | "bmc-password"
  /** The BMC does not answer: `registering` ends in `registration error`, whatever the login. */
  | "bmc-silent"
  /** The image's checksum does not match: `provisioning` ends in `provisioning error`. */
  | "image-checksum"
  /** The image cannot be written, as when no disk fits the hints: the operator cleans the host and begins again. */
  | "image-write"
  /** The server's kubelet never reports again, whatever reboots do: its node stays not ready. */
  | "node-dead"
  /** The BMC never finishes cleaning: the host stays in `deprovisioning`. */
  | "bmc-hangs-deprovisioning"
  /** The network card's driver takes no XDP program: an agent that shall accelerate with it ends at once. */
  | "nic-without-xdp";

/** One active fault; `host` is the name of a BareMetalHost, or all hosts when left out. */
export interface HostFault {
  readonly kind: HostFaultKind;
  readonly host?: string;
}

/** The host faults that are active now. The simulated hardware checks them before each step; faults are activated and cleared while it runs. */
export class ActiveFaults {
  private active: readonly HostFault[] = [];

  activate(fault: HostFault): void {
    this.active = [...this.active, fault];
  }

  /** Clears all faults of a kind: the password is right again, the BMC answers again. */
  clear(kind: HostFaultKind): void {
    this.active = this.active.filter((fault) => fault.kind !== kind);
  }

  isActive(kind: HostFaultKind, host: string): boolean {
    return this.active.some(
      (fault) => fault.kind === kind && (fault.host === undefined || fault.host === host),
    );
  }
}
