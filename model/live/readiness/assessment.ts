/** Something worth one line each time its text changes. */
export interface Status {
  /** Identity over time. */
  readonly key: string;
  /** The host, or the cluster's name. */
  readonly who: string;
  readonly phase: string;
  readonly text: string;
  /** Said when the status goes away. */
  readonly gone?: string;
}

/** Something that is not yet as it must be. */
export interface Missing {
  readonly who: string;
  readonly what: string;
  /** Last known cause, as it was reported. */
  readonly cause?: string;
}

/** A step of the cluster (not of one host) for the timeline. */
export interface Milestone {
  readonly phase: "control-plane" | "resource-set" | "cilium" | "endpoint" | "bgp" | "rollout";
  readonly started: boolean;
  readonly done: boolean;
  /** When the objects themselves say it was done (epoch milliseconds); used when it was done before we looked. */
  readonly doneAt?: number;
}

/** The result of one look at a snapshot: what to show, and what is still missing (nothing means ready). */
export interface Assessment {
  readonly statuses: readonly Status[];
  readonly missing: readonly Missing[];
  readonly milestones: readonly Milestone[];
  /** Where everything stands, shown when the wait ends without success. */
  readonly summary?: string;
}
