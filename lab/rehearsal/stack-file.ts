import type { ServerPort } from "../context";
import net from "node:net";
import { Document, isMap, parseDocument } from "yaml";
import { field, list, text } from "../../model/kubernetes/object";
import type { StackChange } from "../faults/fault";

/** What the rehearsal must know of a stack before the program has read it. */
export interface StackFacts {
  readonly cluster: string;
  readonly namespace: string;
  /** The kubeconfig context that the stack names; the lab's kubeconfig uses the same name. */
  readonly context: string;
  readonly endpoint: {
    readonly host: string;
    readonly port: number;
    readonly provider: "kube-vip" | "external";
    /** Whether kube-vip announces it by BGP. */
    readonly byBgp: boolean;
  };
  /** The endpoint, the nodes and the routers. */
  readonly addresses: readonly string[];
  readonly hosts: readonly {
    readonly name: string;
    readonly pool: string;
    readonly address?: string;
    readonly ports: readonly ServerPort[];
  }[];
  /** The networks of nodes, one for each rack, with the families that have a gateway in the stack file. */
  readonly nodeNetworks: readonly NodeNetwork[];
  readonly hasBgp: boolean;
  /** Of Cilium, as the stack file writes it; empty where it leaves it to the program. */
  readonly ciliumVersion: string;
}

/** A network of nodes: a range and the gateway in it, for each family. */
type NodeNetwork = readonly { readonly cidr: string; readonly gateway: string }[];

/** A stack file made fit for the lab, and what has to be supplied to it. */
export interface RehearsalStack {
  /** The file's text without the owner's secrets and key salt. */
  readonly text: string;
  /** Configuration paths such as `metal:hosts[0].bmc.password` that need a throw-away value. */
  readonly secretPaths: readonly string[];
  readonly facts: StackFacts;
}

/** Keys with which Pulumi finds the owner's encryption key; the copy has its own passphrase. */
const keyFields = ["encryptionsalt", "secretsprovider", "encryptedkey"];

/**
 * The copy of a stack file that a rehearsal works on: every secret is taken out, because the lab must neither need nor see
 * the real ones; the management kubeconfig is the lab's; nothing is protected from the final destroy. A fault may
 * change some of its values.
 */
export function rehearsalStack(
  source: string,
  stackName: string,
  changes: readonly StackChange[] = [],
): RehearsalStack {
  const document = parseDocument(source);
  const [problem] = document.errors;
  if (problem !== undefined) throw new Error(`the stack file is not YAML: ${problem.message}`);
  const config = document.get("config");
  if (!isMap(config)) throw new Error("the stack file has no config: section");
  const secretPaths = securePaths(field(document.toJS(), "config"));
  for (const key of keyFields) document.delete(key);
  for (const place of secretPaths) document.deleteIn(["config", ...place]);
  const kubeconfig = ["config", "metal:management", "kubeconfig"];
  if (document.hasIn(kubeconfig)) document.deleteIn(kubeconfig);
  document.setIn(["config", "metal:protect"], false);
  for (const { at, to } of changes) document.setIn(["config", ...at], document.createNode(to));
  return {
    text: new Document(document.toJS()).toString(),
    secretPaths: secretPaths.map(([key, ...rest]) => rest.reduce<string>(spell, String(key))),
    facts: factsOf(field(document.toJS(), "config"), stackName),
  };
}

function spell(path: string, step: string | number): string {
  return typeof step === "number" ? `${path}[${step}]` : `${path}.${step}`;
}

/** Paths of all `{secure: …}` values. */
function securePaths(
  value: unknown,
  path: readonly (string | number)[] = [],
): (readonly (string | number)[])[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => securePaths(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  if ("secure" in value) return [path];
  return Object.entries(value).flatMap(([key, item]) => securePaths(item, [...path, key]));
}

function factsOf(config: unknown, stackName: string): StackFacts {
  const at = (...path: (string | number)[]) => text(config, ...path);
  const host = at("metal:kubernetes", "endpoint", "host");
  const namespace = at("metal:management", "namespace");
  const context = at("metal:management", "context");
  if (host === undefined || namespace === undefined || context === undefined) {
    throw new Error(
      "the stack file lacks metal:kubernetes.endpoint.host, metal:management.namespace or metal:management.context",
    );
  }
  const provider = at("metal:kubernetes", "endpoint", "provider") === "external" ? "external" : "kube-vip";
  const port = field(config, "metal:kubernetes", "endpoint", "port");
  const hosts = list(config, "metal:hosts");
  const routers = list(config, "metal:bgp", "routers").flatMap((router) => list(router, "addresses"));
  const addresses = [host, ...hosts.map((each) => text(each, "address")), ...routers];
  return {
    cluster: at("metal:name") ?? stackName,
    namespace,
    context,
    endpoint: {
      host,
      port: typeof port === "number" ? port : 6443,
      provider,
      byBgp: provider === "kube-vip" && list(config, "metal:bgp", "endpoint").length > 0,
    },
    addresses: addresses.filter(
      (address): address is string => typeof address === "string" && net.isIP(address) !== 0,
    ),
    hosts: hosts.map((each) => {
      const address = text(each, "address");
      const known = address === undefined ? {} : { address };
      const ports = list(each, "links").flatMap((link) => {
        const [name, mac] = [text(link, "name"), text(link, "mac")];
        return name === undefined || mac === undefined ? [] : [{ name, mac }];
      });
      return { name: text(each, "name") ?? "", pool: text(each, "pool") ?? "", ...known, ports };
    }),
    nodeNetworks: nodeNetworksOf(field(config, "metal:network")),
    hasBgp: field(config, "metal:bgp") !== undefined,
    ciliumVersion: at("metal:cilium", "version") ?? "",
  };
}

function nodeNetworksOf(network: unknown): StackFacts["nodeNetworks"] {
  return [network, ...list(network, "racks")].map((one) =>
    [one, field(one, "secondary")].flatMap((family) => {
      const [cidr, gateway] = [text(family, "nodes"), text(family, "gateway")];
      return cidr === undefined || gateway === undefined ? [] : [{ cidr, gateway }];
    }),
  );
}
