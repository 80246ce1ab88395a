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
  /** Last known cause, in the words of whoever reported it. */
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

/** What one look at an observation says: what to show, and what is still missing (nothing means ready). */
export interface Assessment {
  readonly statuses: readonly Status[];
  readonly missing: readonly Missing[];
  readonly milestones: readonly Milestone[];
  /** Where everything stands, for whoever reads how the wait ended without success. */
  readonly summary?: string;
}
