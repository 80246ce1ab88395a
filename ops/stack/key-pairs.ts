import { X509Certificate, createPrivateKey, createPublicKey } from "node:crypto";
import type { KeyPairReader } from "../../model/checks/check";

const day = 24 * 60 * 60 * 1000;

/** Reads certificates and keys in PEM with Node's library; what cannot be read is undefined. Nothing of a key leaves it. */
export function keyPairReader(now: Date): KeyPairReader {
  return {
    certificate: (pem) => {
      const found = certificateOf(pem);
      if (found === undefined) return undefined;
      const [notBefore, notAfter] = [Date.parse(found.validFrom), Date.parse(found.validTo)];
      // A comparison knows the date alone: an authority that was made today counts from its first hour.
      const firstDay = notBefore - (notBefore % day);
      return {
        isAuthority: found.ca,
        notBefore: new Date(notBefore).toISOString(),
        notAfter: new Date(notAfter).toISOString(),
        daysLeft: Math.floor((notAfter - now.getTime()) / day),
        state: now.getTime() > notAfter ? "expired" : now.getTime() < firstDay ? "future" : "valid",
      };
    },
    isPublicKey: (pem) => /-----BEGIN (RSA )?PUBLIC KEY-----/.test(pem) && publicKeyOf(pem) !== undefined,
    privateKeyKind: (pem) => attempt(() => createPrivateKey(pem).asymmetricKeyType),
    matches: (pem, privateKey) => {
      const [own, derived] = [publicKeyOf(pem), attempt(() => createPublicKey(createPrivateKey(privateKey)))];
      return own === undefined || derived === undefined ? undefined : own.equals(derived);
    },
  };
}

function publicKeyOf(pem: string) {
  return certificateOf(pem)?.publicKey ?? attempt(() => createPublicKey(pem));
}

function certificateOf(pem: string): X509Certificate | undefined {
  return /-----BEGIN CERTIFICATE-----/.test(pem) ? attempt(() => new X509Certificate(pem)) : undefined;
}

/** The library throws at what it cannot read; its words may quote the text. */
function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
