import { z } from "zod";
import { parseAddress, parseCidr } from "../net/addresses";

/** How a value of a schema is called, and some that are right; messages, docs and editors all use them. */
const form = (noun: string, ...examples: readonly string[]) => ({ noun, examples });

/** One IPv4 or IPv6 address, no prefix length. */
export const address = () =>
  z
    .string()
    .refine((text) => parseAddress(text) !== undefined)
    .meta(form("IP address", "10.250.250.20"));

/** A network in CIDR form. */
export const cidr = () =>
  z
    .string()
    .refine((text) => parseCidr(text) !== undefined)
    .meta(form("network", "10.244.0.0/16"));

/** A Kubernetes object name (RFC 1123 label): at most 63 lower-case letters, digits and dashes. */
export const objectName = () =>
  z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    .meta(form("name of at most 63 lower-case letters, digits and dashes", "cp-1"));

/** A Kubernetes version with its leading v. */
export const kubernetesVersion = () =>
  z
    .string()
    .regex(/^v\d+\.\d+\.\d+$/)
    .meta(form("Kubernetes version", "v1.36.3"));

/** A version of three numbers; the examples are releases, the most usual first. */
export const plainVersion = (...releases: readonly string[]) =>
  z
    .string()
    .regex(/^\d+\.\d+\.\d+$/)
    .meta(form("version", ...releases));

/** The name of a network interface in Linux: at most 15 visible ASCII characters (IFNAMSIZ), no slash, no colon. */
export const interfaceName = () =>
  z
    .string()
    .regex(/^(?!\.{1,2}$)[!-.0-9;-~]{1,15}$/)
    .meta(form("interface name", "eno1"));

/** A text that is not empty. */
export const filled = (noun: string, example: string) => z.string().min(1).meta(form(noun, example));

/** A text of one line without control characters; YAML's block texts end with a line break. */
export const oneLine = (noun: string, example: string) =>
  z
    .string()
    .regex(/^[^\p{Cc}\u2028\u2029]+\n?$/u)
    .meta(form(noun, example));

/** A DNS domain (RFC 1123 subdomain). */
export const domainName = (example: string) =>
  z
    .string()
    .max(253)
    .regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/)
    .meta(form("DNS domain in lower case", example));

/** An image's reference: registry, path, tag and digest (github.com/distribution/reference). */
export const imageReference = (example: string) =>
  z
    .string()
    .regex(
      /^(?:[A-Za-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
    )
    .meta(form("image reference", example));

/** A path from the root of the file system. */
export const absolutePath = () => z.string().regex(/^\//).meta(form("path that starts with /", "/etc/motd"));

/** A calendar day. */
export const day = () =>
  z
    .string()
    // The engine's YAML reader makes a moment of an unquoted day.
    .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T00:00:00Z)?$/)
    .transform((text) => text.slice(0, 10))
    .meta(form("day", "2027-03-31"));

/** A whole number within bounds. */
export const whole = (least: number, most: number) => z.number().int().min(least).max(most);

/** Labels, annotations: names to values, all strings. */
export const stringMap = () => z.record(z.string(), z.string());

/** Marks a value that must be encrypted in the stack file; its place is known by this schema, see secrets.ts. */
export const secretText = () => z.string().min(1).meta({ secret: true });

/** The largest packet of an interface, in bytes. */
export const mtu = () => whole(576, 9216).meta({ unit: "bytes" });
