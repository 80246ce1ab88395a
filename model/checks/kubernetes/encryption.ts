import { encryptionArgument, encryptionFolder } from "../../plan/manifests/encryption";
import { type Check, defineCheck, duplicates } from "../check";

/** A resource, one of an API group, all of a group, or all: `secrets`, `widgets.example.com`, `*.apps`, `*.*`. */
const resourceForm = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?|\*)(\.([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\*)?)?$/;
/** 32 bytes in base64. */
const keyForm = /^[A-Za-z0-9+/]{43}=$/;

/** Checks of encryption at rest. */
export const encryptionChecks: readonly Check[] = [
  defineCheck({
    id: "kubernetes/encryption-keys-usable",
    summary: "Keys of encryption at rest have distinct names and 32 bytes in base64.",
    why: "the API server exits at a key of another length, and reads what is encrypted by the name of its key",
    acceptable: false,
    run: ({ kubernetes: { encryption } }, secrets) => [
      ...duplicates(
        (encryption?.keys ?? []).map(({ name: text }, i) => ({
          text,
          at: `kubernetes.encryption.keys[${i}].name`,
        })),
        "give each key its own name",
      ),
      ...(encryption?.keys ?? []).flatMap(({ name }, i) => {
        const at = `kubernetes.encryption.keys[${i}].secret`;
        const key = secrets?.get(at);
        if (key === undefined || keyForm.test(key)) return [];
        return {
          at,
          problem: `the key "${name}" is not 32 bytes in base64`,
          fix: `head -c 32 /dev/urandom | base64 | tr -d '\\n' | pulumi config set --secret --path 'metal:${at}'`,
        };
      }),
    ],
  }),
  defineCheck({
    id: "kubernetes/encryption-resources-form",
    summary: "Encrypted resources are names of resources, each once.",
    why: "the API server exits at a resource that it cannot parse, and the control plane never starts",
    run: ({ kubernetes: { encryption } }) => {
      const texts = (encryption?.resources ?? []).map((text, i) => ({
        text,
        at: `kubernetes.encryption.resources[${i}]`,
      }));
      return [
        ...duplicates(texts, "remove it"),
        ...texts
          .filter(({ text }) => !resourceForm.test(text) || text === "*")
          .map(({ text, at }) => ({
            at,
            problem: `"${text}" is not the name of a resource`,
            fix: 'write one such as secrets, widgets.example.com or "*.*"',
          })),
      ];
    },
  }),
  defineCheck({
    id: "kubernetes/encryption-configured-once",
    summary: "Encryption at rest is configured either by kubernetes.encryption or by arguments.",
    why: "the argument and the volume of the user would replace those of this program, and the API server would read another configuration",
    acceptable: false,
    run: ({ kubernetes: { encryption, apiServer } }) => {
      if (encryption === undefined) return [];
      const { extraArgs, extraVolumes } = apiServer;
      return [
        ...(extraArgs[encryptionArgument] === undefined
          ? []
          : [
              {
                at: `kubernetes.apiServer.extraArgs.${encryptionArgument}`,
                problem: `"${encryptionArgument}" is written by this program, because kubernetes.encryption is given`,
                fix: "remove one of the two",
              },
            ]),
        ...extraVolumes.flatMap(({ name, mountPath }, i) =>
          name === "encryption" || mountPath === encryptionFolder
            ? {
                at: `kubernetes.apiServer.extraVolumes[${i}]`,
                problem: `${name} at ${mountPath} is the volume of kubernetes.encryption`,
                fix: "choose another name and mount path",
              }
            : [],
        ),
      ];
    },
  }),
];
