/** One resource as Pulumi shows it to a policy. */
export interface DeclaredResource {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly opts: { readonly protect: boolean };
  /** The stack's own tags (`pulumi stack tag set`), where the backend keeps any. */
  readonly stackTags?: ReadonlyMap<string, string>;
}

/** What an organisation may set for a rule, in the file that --policy-pack-config names. */
export interface RuleSettings {
  /** Pulumi stacks whose hosts and cluster must be protected; `*` stands for any characters. */
  readonly productionStacks?: readonly string[];
  /** Keys of tags of the stack, or of labels or annotations of the Cluster, that must be there. */
  readonly ownerKeys?: readonly string[];
}

/** Something that an organisation asks of every stack. Organisations write their own beside these, in pack.ts. */
export interface Rule {
  readonly name: string;
  readonly description: string;
  /** What is wrong with a resource and what to do; nothing when it is fine or not meant. */
  judge(resource: DeclaredResource, stack: string, settings: RuleSettings): readonly string[];
}

const host = "kubernetes:metal3.io/v1alpha1:BareMetalHost";
const isCluster = (type: string) => /^kubernetes:cluster\.x-k8s\.io\/[^:]+:Cluster$/.test(type);

/** Deleting a host wipes its disks; deleting the Cluster deletes all of its machines. */
export const protectedProduction: Rule = {
  name: "production-protected",
  description: "Hosts and clusters of production stacks are protected against deletion.",
  judge({ type, name, opts }, stack, { productionStacks = ["*prod*"] }) {
    const isMeant = type === host || isCluster(type);
    if (!isMeant || opts.protect || !productionStacks.some((pattern) => matches(stack, pattern))) return [];
    return [
      `${name} of the production stack ${stack} is not protected; remove metal:protect: false from its stack file`,
    ];
  },
};

/** An on-call engineer must be able to find the owner. */
export const owned: Rule = {
  name: "owner-named",
  description:
    "Every cluster says who owns it: in a tag of its stack, or a label or an annotation of the Cluster.",
  judge({ type, name, props, stackTags }, _stack, { ownerKeys = [] }) {
    if (!isCluster(type)) return [];
    const metadata = mapOf(props["metadata"]);
    const tags = Object.fromEntries(stackTags ?? []);
    const given: Record<string, unknown> = {
      ...tags,
      ...mapOf(metadata["labels"]),
      ...mapOf(metadata["annotations"]),
    };
    const missing = ownerKeys.filter((key) => typeof given[key] !== "string" || given[key] === "");
    return missing.map(
      (key) =>
        `the cluster ${name} does not say its ${key}; write it with: pulumi stack tag set ${key} VALUE`,
    );
  },
};

/** A secret outside a Secret is readable for everybody who may read the object, and in the state of the stack. */
export const noPlainSecret: Rule = {
  name: "no-plain-secret",
  description: "Nothing but a Kubernetes Secret holds a private key or a password.",
  judge({ type, name, props }) {
    if (type === "kubernetes:core/v1:Secret") return [];
    return [...textsIn(props, "")].flatMap(([at, text]) => {
      if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
        return [`${name} holds a private key in ${at}; put it into a Secret`];
      const key = at.split(".").at(-1) ?? "";
      const isPassword = /^(?:password|passwd|token|clientSecret|apiKey)$/i.test(key) && text !== "";
      return isPassword ? [`${name} holds what looks like a secret in ${at}; put it into a Secret`] : [];
    });
  },
};

/** Every rule of the pack. */
export const rules: readonly Rule[] = [protectedProduction, owned, noPlainSecret];

/** Every text in a value, with its path. What is unknown in a preview is no text. */
function* textsIn(value: unknown, at: string): Generator<readonly [at: string, text: string]> {
  if (typeof value === "string") yield [at, value];
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    const place = at === "" ? key : Array.isArray(value) ? `${at}[${key}]` : `${at}.${key}`;
    yield* textsIn(known(value, key), place);
  }
}

/** The SDK throws where a value is read that a preview cannot know; all others of the resource are still to be judged. */
function known(value: object, key: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[key];
  } catch (error) {
    if (error instanceof Error && "unknownTypeSentinel" in error) return undefined;
    throw error;
  }
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function matches(text: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
