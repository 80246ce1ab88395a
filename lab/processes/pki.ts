import "reflect-metadata";
import crypto from "node:crypto";
import net from "node:net";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Who a certificate is for. */
export interface Subject {
  readonly commonName: string;
  readonly organization?: string;
  /** DNS names and addresses (recognised as such) of a server. */
  readonly names?: readonly string[];
  /** How long it is valid; a year when left out. */
  readonly days?: number;
}

const ec = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const day = 24 * 3600 * 1000;

/** A new certificate authority, EC P-256, valid for ten years. */
export async function createAuthority(commonName: string): Promise<KeyPair> {
  const keys = await crypto.webcrypto.subtle.generateKey(ec, true, ["sign", "verify"]);
  const cert = await X509CertificateGenerator.createSelfSigned({
    name: new Name([{ CN: [commonName] }]),
    keys,
    ...validity(3650),
    serialNumber: serial(),
    signingAlgorithm: ec,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(
        KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature,
        true,
      ),
    ],
  });
  return { cert: cert.toString("pem"), key: await privatePem(keys.privateKey) };
}

/**
 * A new EC P-256 certificate for servers and clients. The authority may be ours or one that KCP made: RSA in
 * PKCS#1 PEM, serial number 0.
 */
export async function issue(authority: KeyPair, subject: Subject): Promise<KeyPair> {
  const keys = await crypto.webcrypto.subtle.generateKey(ec, true, ["sign", "verify"]);
  const issuer = new X509Certificate(authority.cert);
  const signer = await signerOf(authority.key);
  const names = subject.names ?? [];
  const cert = await X509CertificateGenerator.create({
    subject: new Name([
      ...(subject.organization === undefined ? [] : [{ O: [subject.organization] }]),
      { CN: [subject.commonName] },
    ]),
    // The parsed name keeps the issuer's own string encoding: Go compares it byte by byte.
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    ...validity(subject.days ?? 365),
    serialNumber: serial(),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      ...(names.length === 0
        ? []
        : [
            new SubjectAlternativeNameExtension(
              names.map((value) => ({ type: net.isIP(value) === 0 ? "dns" : "ip", value })),
            ),
          ]),
    ],
  });
  return { cert: cert.toString("pem"), key: await privatePem(keys.privateKey) };
}

/** RSA keys with which an API server signs service account tokens, PEM. */
export function createServiceAccountKeys(): { readonly publicKey: string; readonly privateKey: string } {
  return crypto.generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

/** The public half of a private key, as an API server reads service account keys. */
export function publicKeyOf(privateKey: string): string {
  return crypto.createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}

/** What a kubeconfig with one context is made of. */
export interface KubeconfigParts {
  readonly name: string;
  readonly server: string;
  readonly ca: string;
  readonly user: KeyPair;
  readonly namespace?: string;
}

/** A kubeconfig's text; the only context is named `name`. */
export function kubeconfigText({ name, server, ca, user, namespace }: KubeconfigParts): string {
  const base64 = (pem: string) => Buffer.from(pem).toString("base64");
  const context = { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": base64(ca) } }],
    users: [
      { name, user: { "client-certificate-data": base64(user.cert), "client-key-data": base64(user.key) } },
    ],
    contexts: [{ name, context }],
    "current-context": name,
  };
  // JSON is YAML, and every reader of kubeconfigs takes it.
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + days * day) };
}

function serial(): string {
  return `4${crypto.randomBytes(15).toString("hex")}0`;
}

async function privatePem(key: crypto.webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await crypto.webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

async function signerOf(
  pem: string,
): Promise<{ key: crypto.webcrypto.CryptoKey; algorithm: typeof ec | { name: string; hash: string } }> {
  const key = crypto.createPrivateKey(pem);
  const algorithm = key.asymmetricKeyType === "rsa" ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } : ec;
  const der = key.export({ type: "pkcs8", format: "der" });
  return {
    key: await crypto.webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]),
    algorithm,
  };
}
