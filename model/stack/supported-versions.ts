/** Oldest and newest minor of major version 1, such as 31 and 36 for v1.31 to v1.36. */
export interface MinorRange {
  readonly oldest: number;
  readonly newest: number;
}

/**
 * The versions that this project supports, in one place: checks, preflight, schema, lab and the README read them here.
 * A controller is named by its oldest minor; what is planned is held against the CRDs of each line by
 * test/model/contracts.test.ts.
 */
export const supportedVersions = {
  /** Contract v1beta2 of CAPM3 needs the same minor of Cluster API (CAPM3 README, compatibility with Cluster API). */
  clusterApi: { oldest: { major: 1, minor: 13 }, newest: { major: 1, minor: 14 } },
  capm3: { oldest: { major: 1, minor: 13 }, newest: { major: 1, minor: 14 } },
  ipam: { oldest: { major: 1, minor: 13 }, newest: { major: 1, minor: 14 } },
  baremetalOperator: { oldest: { major: 0, minor: 13 }, newest: { major: 0, minor: 14 } },
  /** Workload clusters of Cluster API 1.14 (Cluster API v1.14 docs/book/src/reference/versions.md). */
  kubernetes: { oldest: 31, newest: 36 } satisfies MinorRange,
  /** Minors of Cilium whose charts are known, and one release of each that the lab renders. */
  cilium: { oldest: 18, newest: 20, default: "1.19.5", recorded: ["1.18.4", "1.19.5", "1.20.2"] },
  /** The first Cilium CLI that renders without a cluster. */
  ciliumCli: { oldest: "0.19.2", below: "0.20.0" },
  /** Both releases bring up the endpoint with the static pod that is written. */
  kubeVip: { default: "v1.0.1", tried: ["v1.0.1", "v1.2.2"] },
  /** In the machine image; what each release does with bonds and names is in docs/image.md. */
  cloudInit: { oldest: "22.4", bonds: "24.2", bondNames: "26.1" },
  pulumi: { oldest: "3.248.0", below: "4.0.0" },
  // Node 20 has reached its end of life (https://nodejs.org/en/about/previous-releases).
  node: { oldest: "20.19", recommended: "22" },
} as const;

/** Image of kube-vip in its default release. */
export const defaultKubeVipImage = `ghcr.io/kube-vip/kube-vip:${supportedVersions.kubeVip.default}`;

interface Minor {
  readonly major: number;
  readonly minor: number;
}

const line = ({ oldest, newest }: { readonly oldest: Minor; readonly newest: Minor }) =>
  `${oldest.major}.${oldest.minor} and ${newest.major}.${newest.minor}`;

/** `1.13`, as a message names the oldest supported minor of a controller. */
export function oldestText({ oldest }: { readonly oldest: Minor }): string {
  return `${oldest.major}.${oldest.minor}`;
}

/** The table of the README, as Markdown. */
export function supportedVersionsTable(): string {
  const { kubernetes, cilium, ciliumCli, kubeVip, cloudInit, pulumi, node } = supportedVersions;
  const rows: readonly (readonly [what: string, versions: string, where: string])[] = [
    ["Cluster API", line(supportedVersions.clusterApi), "management cluster"],
    ["Cluster API Provider Metal3 (CAPM3)", line(supportedVersions.capm3), "management cluster"],
    ["Metal3 IPAM", line(supportedVersions.ipam), "management cluster"],
    ["Baremetal Operator", line(supportedVersions.baremetalOperator), "management cluster"],
    ["Kubernetes", `1.${kubernetes.oldest} to 1.${kubernetes.newest}`, "machines"],
    ["Cilium", `1.${cilium.oldest} to 1.${cilium.newest}`, "machines"],
    ["kube-vip", kubeVip.tried.join(" and "), "machines"],
    ["cloud-init", `${cloudInit.oldest} or newer; ${cloudInit.bonds} or newer for bonds`, "image"],
    ["Cilium CLI", `v${ciliumCli.oldest} or newer`, "where the program runs"],
    ["Pulumi", `${pulumi.oldest.replace(/\.0$/, "")} or newer`, "where the program runs"],
    ["Node", `${node.recommended} or newer recommended, ${node.oldest} at least`, "where the program runs"],
  ];
  return [
    "| what | supported | where |",
    "|---|---|---|",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");
}
