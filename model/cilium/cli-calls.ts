/** What a connectivity test is to be like. */
export interface ConnectivityWishes {
  /** How long Cilium may take to be ready, `5m`. */
  readonly timeout: string;
  /** Nothing outside the cluster can be reached. */
  readonly offline: boolean;
  /** Most tests need two nodes; others are left out. */
  readonly singleNode: boolean;
  readonly curlImage?: string;
  /** Tests to run, as the CLI spells them; all when left out. */
  readonly tests?: readonly string[];
}

/** Scenarios whose other end is in the internet, in whatever test they stand. */
const outside = ["!/pod-to-world", "!/pod-to-cidr"];
/** Tests that are about names of the internet as a whole. */
const outsideTests = ["!to-fqdns", "!fqdn"];

/** The Cilium CLI's calls, in order; the first one that fails ends the series. Logs are no terminal, so nothing is redrawn. */
export function connectivityCalls(wishes: ConnectivityWishes): readonly (readonly string[])[] {
  const { timeout, offline, singleNode, curlImage, tests = [] } = wishes;
  const named = [...tests, ...(offline ? [...outside, ...outsideTests] : [])];
  return [
    ["status", "--wait", "--wait-duration", timeout, "--interactive=false"],
    [
      "connectivity",
      "test",
      // Without Hubble the flows cannot be watched, and the CLI would try to.
      "--hubble=false",
      "--flow-validation=disabled",
      ...(singleNode ? ["--single-node"] : []),
      ...(curlImage === undefined ? [] : ["--curl-image", curlImage]),
      ...named.flatMap((pattern) => ["--test", pattern]),
    ],
  ];
}

/** The call that collects everything about Cilium into one archive; `output` has no ending, the CLI adds `.zip`. */
export function sysdumpCall(output: string, quick: boolean): readonly string[] {
  return ["sysdump", "--output-filename", output, "--hubble-flows-count", "0", ...(quick ? ["--quick"] : [])];
}
