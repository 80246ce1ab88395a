import { canonicalCidr, parseAddress } from "../../net/addresses";

declare const checked: unique symbol;

/** A value that may stand in a line of FRR configuration; only the functions of this file make one. */
export type FrrValue = string & { readonly [checked]: true };

/** A value that must never reach a configuration. Checks refuse it before, so this is a mistake of ours; it quotes no value. */
export class FrrValueError extends Error {}

/** Names of our making: stacks, peers, hosts, routers and what is joined from them. */
export function frrName(text: string): FrrValue {
  return valid(text, /^[a-z0-9][a-z0-9_-]{0,199}$/, "name");
}

/** One address, in its shortest form. */
export function frrAddress(text: string): FrrValue {
  if (parseAddress(text) === undefined) throw new FrrValueError("a value is no address");
  return valid(text.toLowerCase(), /^[0-9a-f.:]+$/, "address");
}

/** A network without host bits. */
export function frrNetwork(text: string): FrrValue {
  return valid((canonicalCidr(text) ?? "").toLowerCase(), /^[0-9a-f.:]+\/\d{1,3}$/, "network");
}

/** A whole number within bounds. */
export function frrNumber(value: number, least: number, most: number): FrrValue {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new FrrValueError(`a number is not from ${least} to ${most}`);
  }
  return String(value) as FrrValue;
}

/** What a description may hold; FRR takes the rest of the line as it is, at most 80 characters. */
export const descriptionForm = /^[A-Za-z0-9](?:[A-Za-z0-9 ._:/@()+,=-]{0,78}[A-Za-z0-9._:/@()+,=-])?$/;

/** What a password may hold: printable ASCII that no shell, YAML or FRR reads as something else, at most 80 bytes. */
export const passwordForm = /^[A-Za-z0-9._:/@()+,=~^*%$&;|<>[\]{}-]{1,80}$/;

/** Words that end a block of configuration when they stand alone. */
export const reservedWords: readonly string[] = ["exit", "end", "quit"];

/** Free text of one line. */
export function frrDescription(text: string): FrrValue {
  return notReserved(valid(text, descriptionForm, "description"));
}

/** A TCP MD5 password, or the placeholder for one. */
export function frrPassword(text: string): FrrValue {
  return notReserved(valid(text, passwordForm, "password"));
}

/** All that our configurations consist of; a line that is none of these is never written. */
export const frrGrammar: readonly RegExp[] = (() => {
  const name = "[a-z0-9][a-z0-9_-]{0,199}";
  const ip = "[0-9a-f.:]+";
  const net = "[0-9a-f.:]+/\\d{1,3}";
  const nr = "\\d{1,10}";
  const who = `(?:${name}|${ip})`;
  const lines = [
    "!",
    "! [A-Za-z0-9 ._:/,@()-]*",
    `ip(?:v6)? prefix-list ${name} seq ${nr} (?:permit|deny) (?:any|${net}(?: ge ${nr})?(?: le ${nr})?)`,
    `route-map ${name} (?:permit|deny) ${nr}`,
    ` match ip(?:v6)? address prefix-list ${name}`,
    " set ip(?:v6)? next-hop peer-address",
    "exit",
    `router bgp ${nr}`,
    ` bgp router-id ${ip}`,
    ` bgp cluster-id ${ip}`,
    " bgp log-neighbor-changes",
    " bgp ebgp-requires-policy",
    " no bgp default ipv4-unicast",
    " bgp bestpath as-path multipath-relax",
    " bgp graceful-restart",
    ` bgp listen limit ${nr}`,
    ` bgp listen range ${net} peer-group ${name}`,
    ` neighbor ${who} peer-group(?: ${name})?`,
    ` neighbor ${who} remote-as ${nr}`,
    ` neighbor ${who} description ${descriptionForm.source.slice(1, -1)}`,
    ` neighbor ${who} password ${passwordForm.source.slice(1, -1)}`,
    ` neighbor ${who} timers ${nr} ${nr}`,
    ` neighbor ${who} timers connect ${nr}`,
    ` neighbor ${who} ebgp-multihop ${nr}`,
    ` neighbor ${who} passive`,
    ` neighbor ${who} port ${nr}`,
    ` neighbor ${who} update-source ${ip}`,
    " address-family ipv[46] unicast",
    `  neighbor ${who} (?:activate|route-reflector-client|default-originate)`,
    `  neighbor ${who} soft-reconfiguration inbound`,
    `  neighbor ${who} route-map ${name} (?:in|out)`,
    `  neighbor ${who} maximum-prefix ${nr}`,
    `  maximum-paths (?:ibgp )?${nr}`,
    " exit-address-family",
  ];
  return lines.map((line) => new RegExp(`^${line}$`));
})();

/**
 * One line of configuration from literal words and checked values: `` frr` neighbor ${name} passive` ``. The only way a
 * line is made; whatever is not in the grammar throws, so that no value can begin a line of its own.
 */
export function frr(words: TemplateStringsArray, ...values: readonly FrrValue[]): string {
  const line = words.reduce((text, word, i) => `${text}${word}${values[i] ?? ""}`, "");
  if (!frrGrammar.some((form) => form.test(line))) {
    throw new FrrValueError(`no line of ours: "${words.join("…")}"`);
  }
  return line;
}

function valid(text: string, form: RegExp, what: string): FrrValue {
  if (!form.test(text)) throw new FrrValueError(`a ${what} holds what a configuration must not hold`);
  return text as FrrValue;
}

function notReserved(value: FrrValue): FrrValue {
  if (reservedWords.includes(value)) throw new FrrValueError("a text is a word that ends a block");
  return value;
}
