import type { Stack } from "../../stack/schema";
import { type Check, type CheckResults, type PlacedText, defineCheck } from "../check";
import { componentsOf } from "../kubernetes/components";
import { ofEachMachines } from "./cloud-init";
import { placedSecretFiles } from "./files";
import { templateParts } from "./templates";
import { ofEachUsers } from "./users";

/** Expressions that are probably intended: the machine's metadata, and Jinja's statements. */
const intended =
  /^\{\{-?\s*(ds|v1|merged_cfg|instance_id|local_hostname)\b|^\{%-?\s*(if|elif|else|endif|for|endfor|set)\b/;

/** How an expression, a statement and a comment begin. */
const expression = /\{[{%#]/g;

/** Checks of the texts that are in the user data of machines. */
export const userDataChecks: readonly Check[] = [
  defineCheck({
    id: "machines/templates-escaped",
    summary:
      "Files, commands, arguments and whatever else is in user data contain no unescaped template expression of cloud-init.",
    why: "cloud-init expands it before anything runs: the text disappears, or the machine gets no configuration at all",
    acceptable: false,
    run: ofUserData(unescaped),
  }),
  defineCheck({
    id: "machines/secret-files-literal",
    summary: "Contents of secret files hold no template expression of cloud-init.",
    why: "cloud-init expands it before it writes the file: the text disappears, or the machine gets no configuration at all",
    acceptable: false,
    run: (stack, secrets) =>
      placedSecretFiles(stack).flatMap(({ file, at }) =>
        (secrets?.get(at) ?? "").search(expression) >= 0
          ? {
              at,
              problem: `the content for ${file.path} holds {{, {% or {#`,
              fix: "encode the content, and decode it in preKubeadmCommands",
            }
          : [],
      ),
  }),
  defineCheck({
    id: "machines/private-keys-secret",
    summary: "Private keys are in secret files, and not in plain files, commands or arguments.",
    why: "the text is not encrypted, neither in the stack file nor in the objects of the management cluster",
    run: ofUserData((texts) =>
      texts
        // machines/ssh-keys-form reports those of users.
        .filter(({ at }) => !at.includes(".sshAuthorizedKeys["))
        .filter(({ text }) => /-----BEGIN [A-Z0-9 ]{0,60}PRIVATE KEY( BLOCK)?-----/.test(text))
        .map(({ at }) => ({
          at,
          problem: "the text holds a private key, which is not encrypted here",
          fix: "make a new key, because this one counts as disclosed, and write it with secretFiles, whose secretContent is encrypted",
        })),
    ),
  }),
];

/** A check's run over all texts that the stack file puts into user data in clear. */
function ofUserData(judge: (texts: readonly PlacedText[]) => CheckResults) {
  return (stack: Stack) => [
    ofEachMachines(({ machines }) => judge(textsOf(machines)))(stack),
    ofEachUsers((users, at) =>
      judge(
        users.flatMap(({ sshAuthorizedKeys }, i) =>
          sshAuthorizedKeys.map((text, j) => ({ at: `${at}[${i}].sshAuthorizedKeys[${j}]`, text })),
        ),
      ),
    )(stack),
    judge([...ofControlPlane(stack), ...ofRuntime(stack.machines)]),
  ];
}

/** Cluster API marks the whole of a machine's user data as a Jinja template (Cluster API v1.14 bootstrap/kubeadm/pkg/cloudinit). */
function unescaped(texts: readonly PlacedText[]): CheckResults {
  return texts.flatMap(({ at, text }) => {
    const left = templateParts(text)
      .map((part) => (part.kind === "raw" ? "" : part.text))
      .join("");
    const found = [...left.matchAll(expression)]
      .map(({ index }) => left.slice(index, index + 40).split("\n")[0] ?? "")
      .find((rest) => !intended.test(rest));
    if (found === undefined) return [];
    return [
      {
        at,
        problem: `"${found.slice(0, 24)}" starts an expression of cloud-init's template language`,
        fix: "put {% raw %} before and {% endraw %} after that text",
      },
    ];
  });
}

/** The names of a map and their values, all at the place of the name. */
function entriesAt(at: string, map: Readonly<Record<string, string>>): readonly PlacedText[] {
  return Object.entries(map).map(([name, text]) => ({ at: `${at}.${name}`, text: `${name} ${text}` }));
}

/** What control plane machines have: arguments, volumes and patches of its components, and the files of its own secrets. */
function ofControlPlane(stack: Stack): readonly PlacedText[] {
  const { featureGates, certificateNames, patches, endpoint } = stack.kubernetes;
  return [
    ...componentsOf(stack).flatMap(({ name, extraArgs, extraVolumes }) => [
      ...entriesAt(`kubernetes.${name}.extraArgs`, extraArgs),
      ...extraVolumes.flatMap((volume, i) =>
        (["name", "hostPath", "mountPath"] as const).map((key) => ({
          at: `kubernetes.${name}.extraVolumes[${i}].${key}`,
          text: volume[key],
        })),
      ),
    ]),
    ...patches.map(({ patch }, i) => ({
      at: `kubernetes.patches[${i}].patch`,
      text: JSON.stringify(patch),
    })),
    ...Object.keys(featureGates).map((text) => ({ at: `kubernetes.featureGates.${text}`, text })),
    ...certificateNames.map((text, i) => ({ at: `kubernetes.certificateNames[${i}]`, text })),
    { at: "kubernetes.endpoint.interface", text: endpoint.interface ?? "" },
    ...secretFilePaths(stack.controlPlane.secretFiles, "controlPlane"),
  ];
}

/** Settings of the container runtime and its proxy, which all machines have. */
function ofRuntime({ registryMirrors, proxy }: Stack["machines"]): readonly PlacedText[] {
  return [
    ...Object.entries(registryMirrors).flatMap(([registry, urls]) => [
      { at: `machines.registryMirrors.${registry}`, text: registry },
      ...urls.map((text, i) => ({ at: `machines.registryMirrors.${registry}[${i}]`, text })),
    ]),
    { at: "machines.proxy.http", text: proxy?.http ?? "" },
    { at: "machines.proxy.https", text: proxy?.https ?? "" },
    ...(proxy?.noProxy ?? []).map((text, i) => ({ at: `machines.proxy.noProxy[${i}]`, text })),
  ];
}

function secretFilePaths(files: Stack["machines"]["secretFiles"], at: string): readonly PlacedText[] {
  return files.flatMap(({ path, owner }, i) => [
    { at: `${at}.secretFiles[${i}].path`, text: path },
    { at: `${at}.secretFiles[${i}].owner`, text: owner },
  ]);
}

function textsOf({
  files,
  secretFiles,
  preKubeadmCommands,
  postKubeadmCommands,
  kubeletArguments,
  kubeletConfiguration,
}: Stack["machines"]): readonly PlacedText[] {
  return [
    ...files.flatMap((file, i) =>
      (["content", "path", "owner"] as const).map((key) => ({
        at: `machines.files[${i}].${key}`,
        text: file[key],
      })),
    ),
    ...secretFilePaths(secretFiles, "machines"),
    ...preKubeadmCommands.map((text, i) => ({ at: `machines.preKubeadmCommands[${i}]`, text })),
    ...postKubeadmCommands.map((text, i) => ({ at: `machines.postKubeadmCommands[${i}]`, text })),
    ...entriesAt("machines.kubeletArguments", kubeletArguments),
    ...Object.entries(kubeletConfiguration).map(([key, value]) => ({
      at: `machines.kubeletConfiguration.${key}`,
      text: JSON.stringify({ [key]: value }),
    })),
  ];
}
