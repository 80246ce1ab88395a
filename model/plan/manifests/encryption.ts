import { contentHash } from "../../kubernetes/content";
import type { Stack } from "../../stack/schema";
import type { ComposedText } from "../plan";

/** The folder of the configuration of encryption at rest: on the machines, and in the API server's container. */
export const encryptionFolder = "/etc/kubernetes/encryption";
/** The API server's configuration of encryption at rest. */
export const encryptionFile = `${encryptionFolder}/configuration.yaml`;
/** The argument that names it. */
export const encryptionArgument = "encryption-provider-config";

/** The API server's argument and volume for encryption at rest; empty without it. */
export function encryptionSettings({ kubernetes }: Stack) {
  if (kubernetes.encryption === undefined) return { args: [], volumes: [] };
  return {
    args: [{ name: encryptionArgument, value: encryptionFile }],
    volumes: [
      {
        name: "encryption",
        hostPath: encryptionFolder,
        mountPath: encryptionFolder,
        readOnly: true,
        pathType: "Directory",
      },
    ],
  };
}

/**
 * EncryptionConfiguration of apiserver.config.k8s.io/v1, the keys apart; undefined without encryption. Without `identity` the API
 * server could not read what is not encrypted (yet).
 */
export function encryptionConfiguration({ kubernetes }: Stack): ComposedText | undefined {
  const { encryption } = kubernetes;
  if (encryption === undefined) return undefined;
  const { algorithm, keys, resources, decryptOnly } = encryption;
  const identity = "      - identity: {}\n";
  return [
    "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n",
    `  - resources: ${JSON.stringify(resources)}\n    providers:\n`,
    ...(decryptOnly ? [identity] : []),
    `      - ${algorithm}:\n          keys:\n`,
    ...keys.flatMap(({ name }, i) => [
      `            - name: ${JSON.stringify(name)}\n              secret: "`,
      { secret: `kubernetes.encryption.keys[${i}].secret` },
      '"\n',
    ]),
    ...(decryptOnly ? [] : [identity]),
  ];
}

/** Name of its Secret, which changes with everything but the keys themselves: machines get the new file by being replaced. */
export function encryptionSecretName(stack: Stack): string {
  return `${stack.name}-encryption-${contentHash(stack.kubernetes.encryption)}`;
}
