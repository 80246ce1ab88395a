import { goNeeded } from "./go";

/** Something that is neither installed nor cached and therefore needs Go. */
export interface Missing {
  readonly name: string;
  /** What to install instead of building, such as `etcd >=3.6.0 <4.0.0`; absent where only Go helps. */
  readonly install?: string;
  /** Every place that was looked at, with what was wrong there. */
  readonly lookedIn: readonly string[];
}

/** Tools are missing and cannot be built: the command ends with exit code 2 and this message. */
export class MissingToolsError extends Error {
  readonly exitCode = 2;

  constructor(
    readonly missing: readonly Missing[],
    readonly why: string,
  ) {
    super(messageOf(missing, why));
    this.name = "MissingToolsError";
  }
}

function messageOf(missing: readonly Missing[], why: string): string {
  const installable = missing.some(({ install }) => install !== undefined);
  const lines = [
    `${missing.length} of the lab's tools are missing and cannot be built: ${why}`,
    ...missing.flatMap(({ name, install, lookedIn }) => [
      `  ${name}: ${install === undefined ? "comes only from Go" : `install ${install}`}`,
      ...lookedIn.map((place) => `    looked in ${place}`),
    ]),
    `  fix: install Go ${goNeeded} or newer (https://go.dev/dl) and run the same command again: it builds them once`,
  ];
  if (installable) {
    lines.push(
      "  or: install the versions above on PATH (etcd and kube-apiserver also in $KUBEBUILDER_ASSETS);",
    );
    lines.push(
      '      tools marked "comes only from Go" still need Go, or the cache folder of a machine that has it',
    );
  }
  return lines.join("\n");
}
