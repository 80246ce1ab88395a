import crypto from "node:crypto";
import type { StackChange } from "../faults/fault";
import { createAuthority, createServiceAccountKeys } from "../processes/pki";

/** Values in place of a stack file's secrets. */
export interface ThrowAwaySecrets {
  /** By their place in the stack file, such as `metal:bmc.password`. */
  readonly values: ReadonlyMap<string, string>;
  /** Certificates and public keys that belong to these values. */
  readonly changes: readonly StackChange[];
}

const keyPair =
  /^metal:kubernetes\.certificates\.(?:(?<authority>cluster|etcd|frontProxy)|serviceAccount)\.privateKey$/;
const encryptionKey = /^metal:kubernetes\.encryption\.keys\[\d+\]\.secret$/;

/** Makes a value of the right form for each secret, with new authorities for those whose private key is one. */
export async function throwAwaySecrets(places: readonly string[]): Promise<ThrowAwaySecrets> {
  const values = new Map<string, string>();
  const changes: StackChange[] = [];
  for (const place of places) {
    const pair = keyPair.exec(place);
    if (pair === null) {
      values.set(place, valueAt(place));
      continue;
    }
    const folder = ["metal:kubernetes", "certificates"];
    const authority = pair.groups?.["authority"];
    if (authority === undefined) {
      const { publicKey, privateKey } = createServiceAccountKeys();
      values.set(place, privateKey);
      changes.push({ at: [...folder, "serviceAccount", "publicKey"], to: publicKey });
    } else {
      const { cert, key } = await createAuthority(`rehearsal ${authority}`);
      values.set(place, key);
      changes.push({ at: [...folder, authority, "certificate"], to: cert });
    }
  }
  return { values, changes };
}

function valueAt(place: string): string {
  if (encryptionKey.test(place)) return crypto.randomBytes(32).toString("base64");
  // Also base64, which a private key among Cilium's values must be.
  return `lab0${crypto.randomBytes(6).toString("hex")}`;
}
