import { certificateNames } from "../../plan/manifests/certificates";
import type { Stack } from "../../stack/schema";
import { type CertificateFacts, type Check, defineCheck, repeated } from "../check";

interface Given {
  readonly at: string;
  /** `certificate`, or `publicKey` of a key pair. */
  readonly field: "certificate" | "publicKey";
  readonly pem: string;
}

/** The certificates and public keys of the stack file, with their places. */
function givenIn({ kubernetes: { certificates } }: Stack): readonly Given[] {
  return certificateNames.flatMap((name): readonly Given[] => {
    const given = certificates[name];
    const at = `kubernetes.certificates.${name}`;
    if (given === undefined) return [];
    return "certificate" in given
      ? [{ at, field: "certificate", pem: given.certificate }]
      : [{ at, field: "publicKey", pem: given.publicKey }];
  });
}

/** What may stand in clear: everything else between such lines is a private key, or of no use to kubeadm. */
const publicLabels: Readonly<Record<Given["field"], readonly string[]>> = {
  certificate: ["CERTIFICATE"],
  publicKey: ["PUBLIC KEY", "RSA PUBLIC KEY"],
};

/** How the public part alone is written. */
const publicPart: Readonly<Record<Given["field"], string>> = {
  certificate: "openssl x509 -in NEW.pem",
  publicKey: "openssl pkey -in NEW.key -pubout",
};

/** Days that a cluster's authority should have left: kubeadm's own certificates last a year. */
const leastDays = 365;

/** Checks of certificate authorities and key pairs that the stack brings along. */
export const certificateChecks: readonly Check[] = [
  defineCheck({
    id: "kubernetes/certificates-readable",
    summary: "Certificates are those of valid authorities, and public keys are public keys.",
    why: "Cluster API takes what it finds and kubeadm fails on the first machine; no client trusts an authority that is none, or that has expired",
    acceptable: false,
    run: (stack, _secrets, read) =>
      givenIn(stack).flatMap(({ at, field, pem }) => {
        const place = `${at}.${field}`;
        if (read === undefined) return [];
        if (field === "publicKey") {
          if (read.isPublicKey(pem)) return [];
          const fix = "write the output of: openssl pkey -in sa.key -pubout";
          return { at: place, problem: "the text is no public key in PEM", fix };
        }
        const facts = read.certificate(pem);
        const problem = facts === undefined ? "the text is no certificate in PEM" : problemOf(facts);
        if (problem === undefined) return [];
        return { at: place, problem, fix: "write the PEM of a CA certificate that is valid now" };
      }),
  }),
  // Cluster API writes the text as it is to the machines, and the controller manager publishes the cluster's authority in every
  // namespace (Kubernetes v1.36 pkg/controller/certificates/rootcacertpublisher/publisher.go).
  defineCheck({
    id: "kubernetes/certificates-public",
    summary: "Certificates and public keys hold no private key and no other PEM block.",
    why: "the text is not encrypted in the stack file, and every pod can read the cluster's authority: with its key, a pod can make itself an administrator",
    acceptable: false,
    run: (stack) =>
      givenIn(stack).flatMap(({ at, field, pem }) => {
        const labels = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]{1,60})-----/g)].map(([, label = ""]) => label);
        const other = labels.find((label) => !publicLabels[field].includes(label));
        if (other === undefined) return [];
        const isKey = other.includes("PRIVATE KEY");
        return {
          at: `${at}.${field}`,
          problem: `the text holds a PEM block "${other}", which is not encrypted here`,
          fix: isKey
            ? `make a new key and ${field === "certificate" ? "a new certificate" : "its public key"}, because this key counts as disclosed; write only the output of: ${publicPart[field]}; encrypt the new key: pulumi config set --secret --path 'metal:${at}.privateKey' < NEW.key`
            : `write only the output of: ${publicPart[field]}`,
        };
      }),
  }),
  defineCheck({
    id: "kubernetes/certificate-keys-match",
    summary: "Each private key is an RSA or ECDSA key without a passphrase, and belongs to its certificate.",
    why: "nothing that such a key signs is trusted, and kubeadm reads no other kind of key: the first machine never becomes a control plane",
    acceptable: false,
    run: (stack, secrets, read) =>
      givenIn(stack).flatMap(({ at, field, pem }) => {
        const key = secrets?.get(`${at}.privateKey`);
        if (read === undefined || key === undefined) return [];
        const kind = read.privateKeyKind(key);
        const usable = kind === "rsa" || kind === "ec";
        if (usable && read.matches(pem, key) !== false) return [];
        return {
          at: `${at}.privateKey`,
          problem:
            kind === undefined
              ? "the text is no private key in PEM without a passphrase"
              : usable
                ? `the private key belongs to another ${field === "publicKey" ? "public key" : "certificate"}`
                : `the private key is ${kind}, which kubeadm does not read`,
          fix: `encrypt the matching key: pulumi config set --secret --path 'metal:${at}.privateKey' < KEY.pem`,
        };
      }),
  }),
  defineCheck({
    id: "kubernetes/certificates-long-lived",
    summary: "Certificate authorities are valid for another year at least.",
    why: "a cluster keeps its authorities: when one expires, every kubelet, controller and user is refused, and replacing it interrupts the cluster",
    severity: "warning",
    run: (stack, _secrets, read) =>
      givenIn(stack).flatMap(({ at, field, pem }) => {
        const facts = field === "certificate" ? read?.certificate(pem) : undefined;
        if (facts === undefined || facts.state !== "valid" || facts.daysLeft >= leastDays) return [];
        return {
          at: `${at}.${field}`,
          problem: `the certificate ends on ${facts.notAfter.slice(0, 10)}`,
          fix: "issue an authority that lasts as long as the cluster, such as ten years",
        };
      }),
  }),
  defineCheck({
    id: "kubernetes/certificates-distinct",
    summary: "Each authority has a certificate of its own.",
    why: "any client certificate of a shared authority also serves as that of the front proxy, which may name any user, or reads all of etcd",
    run: (stack) =>
      repeated(
        givenIn(stack).filter(({ field }) => field === "certificate"),
        ({ pem }) => pem.trim(),
      ).map(([first, { at }]) => ({
        at: `${at}.certificate`,
        problem: `the certificate is also ${first.at}.certificate`,
        fix: "issue one for each purpose, or leave one out: Cluster API makes its own",
      })),
  }),
];

function problemOf({ isAuthority, state, notAfter, notBefore }: CertificateFacts): string | undefined {
  if (!isAuthority) return "the certificate is not that of an authority (CA:TRUE)";
  if (state === "expired") return `the certificate expired on ${notAfter.slice(0, 10)}`;
  return state === "future" ? `the certificate is valid only from ${notBefore.slice(0, 10)} on` : undefined;
}
