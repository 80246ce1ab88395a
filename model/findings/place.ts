/** A stretch of one line in a file. Lines and columns count from 1, columns in UTF-16 units as editors do. */
export interface Place {
  /** The file as the reader knows it, such as `Pulumi.capi-1.yaml`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many columns it covers; at least 1. */
  readonly length: number;
}

/** What of a key and its value a finding is about. */
export type Aspect = "key" | "value";
