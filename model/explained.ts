/** Anything that a finding or a diagnosis can be: an id with a page that `explain` prints and docs/checks.md holds. */
export interface Explained {
  /** `area/what-must-hold`. */
  readonly id: string;
  /** What would happen otherwise, in one sentence. */
  readonly why: string;
  /** What to do about it, where one answer holds for every case. */
  readonly fix?: string;
}
