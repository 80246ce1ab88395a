/** Anything that a finding or a diagnosis can be: an id with a page that `explain` prints and docs/checks/ holds. */
export interface Explained {
  /** `area/what-must-hold`. */
  readonly id: string;
  /** What is checked, as one sentence in the present tense: "Every host has a distinct name." */
  readonly summary?: string;
  /** Why it matters: the effect when it does not hold, as a clause. */
  readonly why: string;
  /** What to do about it, where one answer holds for every case. */
  readonly fix?: string;
}
