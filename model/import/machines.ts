import { controlPlanePool } from "../kubernetes/labels";
import { defined, isMap, list, text } from "../kubernetes/object";
import type { Draft } from "./draft";
import type { Kubeadm } from "./kubeadm";
import type { ImportedPool } from "./pools";

/** `machines` of the stack file, and the part of each pool that is its own. */
export interface ImportedMachines {
  readonly machines: Readonly<Record<string, unknown>>;
  /** By the name of the pool. */
  readonly own: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/**
 * What all machines have is that of the control plane, for which a stack file has only secret files and users of its own; what a pool
 * of workers has in addition is the pool's.
 */
export function importMachines(pools: readonly ImportedPool[], draft: Draft): ImportedMachines {
  const first = pools.find(({ name }) => name === controlPlanePool) ?? pools[0];
  if (first === undefined) return { machines: {}, own: new Map() };
  const base = first.kubeadm;
  const workers = pools.filter(({ name }) => name !== controlPlanePool);
  const users = loginsOf(base.users);
  const isEverywhere = (user: unknown) => workers.every(({ kubeadm }) => !isNew(kubeadm.users)(user));
  const shared = users.filter(isEverywhere);
  const isShared = (file: File) => workers.every((pool) => !isNew(pool.kubeadm.files)(file));
  const secrets = secretsOf(base.files);
  const secretFiles = (files: readonly File[], pool: ImportedPool, at: string) =>
    files.length === 0
      ? {}
      : {
          secretFiles: files.map((file, j) =>
            secretFile(pool, file, `${at}.secretFiles[${j}].secretContent`, draft),
          ),
        };
  const machines = {
    ...settings(base, undefined),
    ...secretFiles(secrets.filter(isShared), first, "machines"),
    ...(base.containerRuntime === "containerd" ? {} : { containerRuntime: base.containerRuntime }),
    ...usersPart(shared),
    ...(Object.keys(base.registryMirrors).length === 0 ? {} : { registryMirrors: base.registryMirrors }),
    ...defined({ proxy: base.proxy }),
  };
  const ofControlPlane = first.name === controlPlanePool ? secrets.filter((file) => !isShared(file)) : [];
  const own = new Map([
    [
      controlPlanePool,
      {
        ...secretFiles(ofControlPlane, first, "controlPlane"),
        ...(first.name === controlPlanePool ? usersPart(users.filter((user) => !isEverywhere(user))) : {}),
      },
    ],
    ...workers.map(
      (pool, i) =>
        [
          pool.name,
          {
            ...settings(pool.kubeadm, base),
            ...(pool === first ? {} : usersPart(loginsOf(pool.kubeadm.users).filter(isNew(shared)))),
            ...secretFiles(
              secretsOf(pool.kubeadm.files).filter(isNew(base.files)),
              pool,
              `workers[${i}].machines`,
            ),
          },
        ] as const,
    ),
  ]);
  return { machines, own };
}

type File = Readonly<Record<string, unknown>>;

function secretsOf(files: readonly File[]): readonly File[] {
  return files.filter((file) => file["contentFrom"] !== undefined);
}

/** Whether something is not among what is known. */
function isNew(known: readonly unknown[] | undefined): (each: unknown) => boolean {
  const before = new Set((known ?? []).map((each) => JSON.stringify(each)));
  return (each) => !before.has(JSON.stringify(each));
}

function settings(
  { files, pre, post, kubeletArguments, kubeletConfiguration }: Kubeadm,
  base: Kubeadm | undefined,
): Readonly<Record<string, unknown>> {
  const plain = files.filter(isNew(base?.files)).filter((file) => file["contentFrom"] === undefined);
  const args = Object.fromEntries(
    Object.entries(kubeletArguments).filter(([name, value]) => base?.kubeletArguments[name] !== value),
  );
  const [newPre, newPost] = [pre.filter(isNew(base?.pre)), post.filter(isNew(base?.post))];
  const configuration =
    isMap(kubeletConfiguration) && isNew([base?.kubeletConfiguration])(kubeletConfiguration)
      ? kubeletConfiguration
      : undefined;
  return {
    ...(plain.length === 0 ? {} : { files: plain.map(fileOf) }),
    ...(newPre.length === 0 ? {} : { preKubeadmCommands: newPre }),
    ...(newPost.length === 0 ? {} : { postKubeadmCommands: newPost }),
    ...(Object.keys(args).length === 0 ? {} : { kubeletArguments: args }),
    ...(configuration === undefined ? {} : { kubeletConfiguration: configuration }),
  };
}

function fileOf(file: Readonly<Record<string, unknown>>): object {
  const { path, owner, permissions, content } = file;
  return defined({
    path,
    content: content ?? "",
    permissions: permissions === "0644" ? undefined : permissions,
    owner: owner === "root:root" ? undefined : owner,
  });
}

/** A file with its content in a Secret: the content is not read. */
function secretFile(
  pool: ImportedPool,
  { path, owner, permissions, contentFrom }: Readonly<Record<string, unknown>>,
  place: string,
  draft: Draft,
): object {
  const name = text(contentFrom, "secret", "name") ?? "";
  const [object, spec] =
    pool.configTemplate === undefined
      ? ([pool.object, "spec.kubeadmConfigSpec"] as const)
      : ([pool.configTemplate, "spec.template.spec"] as const);
  draft.secret(object, `${spec}.files[${String(path)}]`, place, name);
  return defined({
    path,
    permissions: permissions === "0600" ? undefined : permissions,
    owner: owner === "root:root" ? undefined : owner,
  });
}

/** Those who can log in. */
function loginsOf(users: readonly unknown[]): readonly unknown[] {
  return users.filter((user) => list(user, "sshAuthorizedKeys").length > 0);
}

function usersPart(users: readonly unknown[]): object {
  return users.length === 0 ? {} : { users: users.map(userOf) };
}

function userOf(user: unknown): object {
  return {
    name: text(user, "name") ?? "",
    sshAuthorizedKeys: list(user, "sshAuthorizedKeys"),
    ...(text(user, "sudo") === undefined ? { sudo: false } : {}),
  };
}
