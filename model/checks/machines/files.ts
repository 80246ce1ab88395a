import type { Stack } from "../../stack/schema";
import { controlPlanePool } from "../../kubernetes/labels";
import { forPool } from "../../plan/machines";
import { ownFilePaths, secretFileName, secretFilesOf } from "../../plan/manifests/machine-files";
import { type Check, defineCheck, duplicates, repeated } from "../check";
import { ofEachMachines } from "./cloud-init";

/** A path without blanks around it, empty steps and single dots. */
function normalized(path: string): string {
  return `/${path
    .trim()
    .split("/")
    .filter((step) => step !== "" && step !== ".")
    .join("/")}`;
}

/**
 * Authorities, certificates and keys: Cluster API writes the authorities, kubeadm the others (kubeadm v1.36
 * app/constants/constants.go, Cluster API v1.14 util/secret/certificates.go). Other files of this folder, which the API server
 * sees, are the user's.
 */
const certificateFiles =
  /^\/etc\/kubernetes\/pki\/(sa\.(key|pub)|((etcd\/|front-proxy-)?ca|apiserver(-kubelet-client|-etcd-client)?|front-proxy-client|etcd\/(server|peer|healthcheck-client))\.(crt|key))$/;

/**
 * Files of cloud-init, Cluster API, kubeadm and the kubelet; kubeadm's preflight refuses manifests that already exist, and a folder of
 * etcd that is not empty (kubeadm v1.36 app/preflight/checks.go).
 */
const kubeadmFiles = [
  /^\/run\/(kubeadm|cluster-api|cloud-init)(\/|$)/,
  /^\/var\/lib\/cloud(\/|$)/,
  /^\/etc\/kubernetes(\/(manifests|pki|pki\/etcd))?$/,
  /^\/etc\/kubernetes\/manifests\/(kube-apiserver|kube-controller-manager|kube-scheduler|etcd)\.ya?ml$/,
  /^\/etc\/kubernetes\/[^/]+\.conf$/,
  certificateFiles,
  /^\/var\/lib\/kubelet(\/(config\.yaml|instance-config\.yaml|kubeadm-flags\.env|pki(\/kubelet-client-[^/]+\.pem)?))?$/,
  /^\/var\/lib\/etcd(\/|$)/,
];

/** What to do about a file that kubeadm or Cluster API writes. */
function insteadOf(path: string): string {
  return certificateFiles.test(path)
    ? "remove it; bring authorities and the key pair of service accounts of your own with kubernetes.certificates"
    : "remove it; set kubelet flags with machines.kubeletArguments";
}

/** Paths at which no file can be written: the root, and processes, of which only kernel settings can be written. */
const noFile = /^\/$|^\/proc(\/(?!sys\/)|$)/;

/** Checks of the files that are written on machines. */
export const fileChecks: readonly Check[] = [
  defineCheck({
    id: "machines/file-paths-plain",
    summary: "File paths are absolute and normalized.",
    why: "cloud-init fails at a path that names a folder, and a file at another path than intended is not found",
    run: ofEachMachines(({ machines }) =>
      machines.files.flatMap(({ path }, i) => {
        const plain = normalized(path);
        const isFolder = machines.files.some((other) => other.path.startsWith(`${path}/`));
        if (noFile.test(path) || isFolder) {
          return {
            at: `machines.files[${i}].path`,
            problem: isFolder
              ? `"${path}" is the folder of another file`
              : `no file can be written at "${path}"`,
            fix: "write the absolute path of the file",
          };
        }
        if (path === plain && !path.split("/").includes("..")) return [];
        return {
          at: `machines.files[${i}].path`,
          problem: `"${path}" is not a normalized absolute path`,
          fix:
            plain === "/" || plain.includes("..") ? "write the absolute path of the file" : `write ${plain}`,
        };
      }),
    ),
  }),
  defineCheck({
    id: "machines/file-paths-unique",
    summary: "Each file path is listed once.",
    why: "of two files with the same path only the last one exists",
    run: ofEachMachines(({ machines }) =>
      duplicates(
        machines.files.map(({ path: text }, i) => ({ text, at: `machines.files[${i}].path` })),
        "remove one of the two",
      ),
    ),
  }),
  defineCheck({
    id: "machines/file-permissions-octal",
    summary: "File permissions are octal.",
    why: "cloud-init stops at permissions that it cannot parse, before kubeadm runs",
    run: ofEachMachines(({ machines }) =>
      machines.files.flatMap(({ permissions }, i) =>
        /^[0-7]{3,4}$/.test(permissions)
          ? []
          : {
              at: `machines.files[${i}].permissions`,
              problem: `"${permissions}" are not octal permissions`,
              fix: 'write them quoted, such as "0644" or "0755"',
            },
      ),
    ),
  }),
  defineCheck({
    id: "machines/file-owners-exist",
    summary: "File owners exist when cloud-init writes files.",
    why: "cloud-init writes files before it creates users, and fails at an unknown owner before kubeadm runs",
    run: ofEachMachines(({ machines, controlPlane }) =>
      machines.files.flatMap(({ owner }, i) => {
        const [user = ""] = owner.split(":");
        const isMade = [...machines.users, ...controlPlane.users].some(({ name }) => name === user);
        const problem = isMade
          ? `"${user}", one of the users, does not exist yet when cloud-init writes files`
          : /^[a-z_][-a-z0-9_]*(:[a-z_][-a-z0-9_]*)?$/.test(owner)
            ? undefined
            : `"${owner}" is not a valid owner`;
        if (problem === undefined) return [];
        return {
          at: `machines.files[${i}].owner`,
          problem,
          fix: "write root:root, and change the owner in machines.preKubeadmCommands",
        };
      }),
    ),
  }),
  defineCheck({
    id: "machines/files-not-kubeadms",
    summary: "No file replaces one that kubeadm or Cluster API writes.",
    why: "kubeadm refuses to start where its files exist, or overwrites them",
    acceptable: false,
    run: ofEachMachines(({ machines }) =>
      machines.files.flatMap(({ path }, i) =>
        kubeadmFiles.some((pattern) => pattern.test(path))
          ? {
              at: `machines.files[${i}].path`,
              problem: `"${path}" is written by kubeadm or Cluster API`,
              fix: insteadOf(path),
            }
          : [],
      ),
    ),
  }),
  defineCheck({
    id: "machines/files-not-ours",
    summary: "No file replaces one that this program writes.",
    why: "the file that is written last wins, and a control plane without this program's kube-vip manifest has no endpoint",
    acceptable: false,
    run: ofEachMachines((stack) => {
      const ours = ownFilePaths(stack);
      return stack.machines.files.flatMap(({ path }, i) =>
        ours.includes(path)
          ? {
              at: `machines.files[${i}].path`,
              problem: `"${path}" is written by this program`,
              fix: "remove it, and configure what you need with kubernetes.endpoint, machines.registryMirrors or machines.proxy",
            }
          : [],
      );
    }),
  }),
  defineCheck({
    id: "machines/secret-files-usable",
    summary:
      "Secret files have paths of their own that neither kubeadm nor this program writes, and octal permissions.",
    why: "cloud-init stops at such a file before kubeadm runs, or the file that is written last replaces the other",
    acceptable: false,
    run: (stack) => {
      const found = poolNames(stack).flatMap((pool) => {
        const plain = forPool(stack, pool).machines.files.map(({ path }) => path);
        const seen = new Map<string, string>();
        return secretFilesOf(stack, pool).flatMap(({ file: { path, permissions }, at: contentAt }) => {
          const at = contentAt.replace(/\.secretContent$/, "");
          const before = seen.get(path);
          seen.set(path, at);
          if (!/^[0-7]{3,4}$/.test(permissions)) {
            return {
              at: `${at}.permissions`,
              problem: `"${permissions}" are not octal permissions`,
              fix: 'write them quoted, such as "0600"',
            };
          }
          const owner = before ?? (plain.includes(path) ? "machines.files" : undefined);
          const isPlain =
            path === path.trim() && !/\/(\.{0,2})(\/|$)/.test(path.slice(1) === "" ? "//" : path);
          const taken = ownFilePaths(stack).includes(path) || kubeadmFiles.some((form) => form.test(path));
          if (isPlain && !taken && owner === undefined && !noFile.test(path)) return [];
          return {
            at: `${at}.path`,
            problem: !isPlain
              ? `"${path}" is not a normalized absolute path`
              : noFile.test(path)
                ? `no file can be written at "${path}"`
                : taken
                  ? `"${path}" is written by kubeadm, Cluster API or this program`
                  : `"${path}" is also written by ${owner}`,
            fix: certificateFiles.test(path) ? insteadOf(path) : "write another path",
          };
        });
      });
      // What all machines get would be reported for each pool.
      return [...new Map(found.map((each) => [each.at, each])).values()];
    },
  }),
  defineCheck({
    id: "machines/secret-files-distinct",
    summary: "Each secret file has a Secret of its own.",
    why: "of two Secrets with one name only one can exist, so the preview fails, or machines get the other content",
    acceptable: false,
    run: (stack) =>
      repeated(placedSecretFiles(stack), (placed) => secretFileName(stack, placed))
        // Two of one list have one path, which machines/secret-files-usable reports.
        .filter(([first, again]) => listOf(first.at) !== listOf(again.at))
        .map(([first, again]) => ({
          at: again.at.replace(/secretContent$/, "path"),
          problem: `"${again.file.path}" of pool ${again.scope} and ${first.at.replace(/secretContent$/, "path")} are both in Secret ${secretFileName(stack, first)}`,
          fix: "rename the pool, or write another path",
        })),
  }),
  defineCheck({
    id: "machines/secret-files-private",
    summary: "Only their owners read secret files.",
    why: "every program on the machine, and every pod that mounts the folder, can read the secret",
    severity: "warning",
    run: (stack) =>
      placedSecretFiles(stack).flatMap(({ file: { permissions, path }, at }) =>
        /[1-7]$/.test(permissions)
          ? {
              at: at.replace(/secretContent$/, "permissions"),
              problem: `${permissions} lets every user of the machine use ${path}`,
              fix: 'write "0600", or "0640" with a group in owner',
            }
          : [],
      ),
  }),
];

/** The list that a secret file is in. */
function listOf(at: string): string {
  return at.replace(/\[\d+\]\.secretContent$/, "");
}

/** Every secret file of the stack, once. */
export function placedSecretFiles(stack: Stack) {
  const files = poolNames(stack).flatMap((pool) => secretFilesOf(stack, pool));
  return [...new Map(files.map((file) => [file.at, file])).values()];
}

function poolNames(stack: Stack): readonly string[] {
  return [controlPlanePool, ...stack.workers.map(({ name }) => name)];
}
