import { type KubernetesObject, text } from "../kubernetes/object";
import { canonicalCidr, parseAddress } from "../net/addresses";
import { visible } from "../redaction/shown";
import { type Inputs, keysOfSecret, nameInStack, ofKind, textOfSecret } from "./inputs";

/** A part of an input that the stack file does not hold. */
export interface NotCarried {
  readonly file: string;
  /** `BareMetalHost/cp-1`, or `Cilium values`. */
  readonly object: string;
  /** `spec.bmc.address`; empty for the whole. */
  readonly at: string;
  readonly why: string;
}

/** The stack file while it is put together: what is said about it, and where its secrets go. */
export class Draft {
  readonly notes: NotCarried[] = [];
  /** Places of secrets that the stack file has to have. */
  readonly places: string[] = [];
  private readonly remarks = new Map<string, string[]>();
  private readonly hosts: readonly KubernetesObject[];
  private readonly fileOf: ReadonlyMap<KubernetesObject, string>;
  /** The login Secret that all hosts share; undefined where they have one each. */
  private readonly sharedLogin: string | undefined;
  /** Whether the logins of hosts with a Secret each are one and the same, as far as the inputs hold them. */
  private readonly areLoginsAlike: boolean;

  constructor(
    private readonly inputs: Inputs,
    readonly cluster: string,
    /** The control plane endpoint's address. */
    private readonly endpoint: string,
  ) {
    this.hosts = ofKind(inputs, "BareMetalHost");
    this.fileOf = new Map(inputs.objects.map(({ object, file }) => [object, file]));
    const names = new Set(this.hosts.map(credentialsOf));
    const [only] = names;
    this.sharedLogin =
      names.size === 1 && !this.hosts.some((host) => loginOf(host) === only) ? only : undefined;
    const logins = ofKind(inputs, "Secret")
      .filter(({ metadata }) => names.has(metadata.name))
      .map((secret) => JSON.stringify([textOfSecret(secret, "username"), textOfSecret(secret, "password")]));
    this.areLoginsAlike = new Set(logins).size <= 1;
  }

  /** Something of an input that is not carried over. */
  note(object: KubernetesObject, at: string, why: string): void {
    const file = this.fileOf.get(object) ?? "";
    this.notes.push({ file, object: `${object.kind}/${object.metadata.name}`, at, why });
  }

  /** Something that the owner has to fill in, at a key of the stack file. */
  yours(key: string, what: string): void {
    const known = this.remarks.get(`metal:${key}`) ?? [];
    const line = visible(what.replace(/[\r\n\u0085\u2028\u2029]+/g, " "));
    if (!known.includes(line)) this.remarks.set(`metal:${key}`, [...known, line]);
  }

  /** A secret of the inputs: its place stays empty, and both the file and the list name the command that fills it. */
  secret(object: KubernetesObject, at: string, place: string, secretName: string): void {
    this.places.push(place);
    this.yours(place.replace(/[.[].*/s, ""), setCommand(place));
    this.note(object, at, `the content of Secret ${secretName} is never read: ${setCommand(place)}`);
  }

  /** The same of a secret that an input has in plain text. */
  plainSecret(object: KubernetesObject, at: string, place: string): void {
    this.places.push(place);
    this.yours(place.replace(/[.[].*/s, ""), setCommand(place));
    this.note(object, at, `holds a secret in plain text, which is not carried over: ${setCommand(place)}`);
  }

  /** The same of a peer's password, without which the sessions would have none. */
  password(config: KubernetesObject, place: string, secretName: string): void {
    this.yours("bgp", setCommand(place));
    this.note(
      config,
      "spec.authSecretRef",
      `the content of Secret ${secretName} is never read: ${setCommand(place)}`,
    );
  }

  /** The comments above the keys of the stack file. */
  comments(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.remarks].map(([key, lines]) => [key, lines.map((line) => `yours: ${line}`).join("\n")]),
    );
  }

  /** The network of the usual size around the endpoint. */
  networkOfEndpoint(): string {
    const prefix = parseAddress(this.endpoint)?.family === 6 ? 64 : 24;
    return canonicalCidr(`${this.endpoint}/${prefix}`) ?? "192.0.2.0/24";
  }

  /** A host's part of the BMC logins: none where the stack's own holds for it. */
  login(host: KubernetesObject): { readonly existingSecret?: string } {
    const name = text(host, "spec", "bmc", "credentialsName");
    if (name === undefined || name === this.sharedLogin) return {};
    if (name !== loginOf(host)) return { existingSecret: name };
    return this.areLoginsAlike ? {} : { existingSecret: `${nameInStack(host.metadata.name)}-login` };
  }

  /** The stack's `bmc`: the Secret that all hosts share, or one that is still to be made; none where each host has its own. */
  logins(): { readonly existingSecret?: string } {
    const { hosts } = this;
    if (hosts.length > 0 && hosts.every((host) => this.login(host).existingSecret !== undefined)) return {};
    const shared = this.sharedLogin;
    const existingSecret = shared ?? `${this.cluster}-bmc`;
    this.yours(
      "bmc",
      shared === undefined
        ? `a Secret ${existingSecret} with username and password in the namespace; or username here, and ${setCommand("bmc.password")}`
        : `the Secret ${existingSecret} must have username and password; or username here, and ${setCommand("bmc.password")}`,
    );
    return { existingSecret };
  }

  /** What becomes of each Secret: its values are nowhere, only what to do for them. */
  noteSecrets(): void {
    const { hosts } = this;
    const networks = new Set(
      hosts.flatMap((host) => [
        text(host, "spec", "networkData", "name"),
        text(host, "spec", "preprovisioningNetworkDataName"),
      ]),
    );
    const hostOf = new Map(hosts.toReversed().map((host) => [credentialsOf(host), host]));
    const indexOf = new Map(hosts.map((host, i) => [host, i]));
    const shared = this.logins().existingSecret;
    const noted = this.notes.map(({ why }) => why);
    for (const secret of ofKind(this.inputs, "Secret")) {
      const { name } = secret.metadata;
      const host = hostOf.get(name);
      if (/-(ca|etcd|proxy|sa)$/.test(name) && text(secret, "type") === "cluster.x-k8s.io/secret") {
        this.note(
          secret,
          "",
          "a key pair of the cluster, which keeps it: kubernetes.certificates is for a new cluster, so leave it out",
        );
        continue;
      }
      if (networks.has(name) && keysOfSecret(secret).every((key) => key === "networkData")) continue;
      if (host === undefined) {
        const isPayload = text(secret, "type") === "addons.cluster.x-k8s.io/resource-set";
        const why = isPayload
          ? "the stack makes its own payload of the resource set"
          : "its values are never read; set what the stack needs: pulumi config set --secret --path 'metal:KEY'";
        if (!noted.some((note) => note.includes(`Secret ${name}`))) this.note(secret, "", why);
        continue;
      }
      const { existingSecret } = this.login(host);
      const own = existingSecret ?? shared ?? name;
      const place = existingSecret === undefined ? "bmc" : `hosts[${indexOf.get(host) ?? 0}].bmc`;
      this.note(
        secret,
        "",
        own === name
          ? `the login stays in this Secret; it must be in the namespace of the stack`
          : `the login is never read: make a Secret ${own} with username and password, or set ${place}.username and ${setCommand(`${place}.password`)}`,
      );
    }
  }
}

function credentialsOf(host: KubernetesObject): string | undefined {
  return text(host, "spec", "bmc", "credentialsName");
}

/** The login Secret that the stack makes for a host. */
function loginOf({ metadata }: KubernetesObject): string {
  return `${nameInStack(metadata.name)}-bmc`;
}

function setCommand(place: string): string {
  return `pulumi config set --secret --path 'metal:${place}'`;
}
