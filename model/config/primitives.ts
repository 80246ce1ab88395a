import { z } from "zod";
import { parseAddress, parseCidr } from "../addresses/range";

/** One IPv4 or IPv6 address, no prefix length. */
export const address = () =>
  z.string().refine((text) => parseAddress(text) !== undefined, {
    error: (issue) => `${JSON.stringify(issue.input)} is no IP address; write one such as 10.250.250.20`,
  });

/** A network in CIDR form. */
export const cidr = () =>
  z.string().refine((text) => parseCidr(text) !== undefined, {
    error: (issue) => `${JSON.stringify(issue.input)} is no network; write one such as 10.244.0.0/16`,
  });

/** A Kubernetes object name (RFC 1123 label): at most 63 lower-case letters, digits and dashes. */
export const objectName = () =>
  z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, {
    error: (issue) =>
      `${JSON.stringify(issue.input)} is no object name; use at most 63 lower-case letters, digits and dashes, such as cp-1`,
  });

/** A Kubernetes version with its leading v. */
export const kubernetesVersion = () =>
  z.string().regex(/^v\d+\.\d+\.\d+$/, {
    error: (issue) => `${JSON.stringify(issue.input)} is no Kubernetes version; write one such as v1.35.6`,
  });

/** A whole number within bounds. */
export const whole = (least: number, most: number) =>
  z
    .number({
      error: (issue) => `${JSON.stringify(issue.input)} is no number; write one from ${least} to ${most}`,
    })
    .int()
    .min(least)
    .max(most);

/** Labels, annotations: names to values, all strings. */
export const stringMap = () => z.record(z.string(), z.string());

/** Marks a value that must be encrypted in the stack file; its place is known by this schema, see secrets.ts. */
export const secretText = () => z.string().min(1).meta({ secret: true });
