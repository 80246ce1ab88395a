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
 * What all machines have is that of the control plane, for which a stack file has no part of its own; what a pool of workers has in
 * addition is the pool's.
 */
export function importMachines(pools: readonly ImportedPool[], draft: Draft): ImportedMachines {
  const base = (pools.find(({ name }) => name === controlPlanePool) ?? pools[0])?.kubeadm;
  if (base === undefined) return { machines: {}, own: new Map() };
  const basePool = pools[0];
  const users = base.users.filter((user) => list(user, "sshAuthorizedKeys").length > 0);
  const machines = {
    ...settings(base, undefined, (file, j) =>
      secretFile(basePool, file, `machines.secretFiles[${j}].secretContent`, draft),
    ),
    ...(base.containerRuntime === "containerd" ? {} : { containerRuntime: base.containerRuntime }),
    ...(users.length === 0 ? {} : { users: users.map(userOf) }),
  };
  const workers = pools.filter(({ name }) => name !== controlPlanePool);
  const own = new Map(
    workers.map((pool, i) => [
      pool.name,
      settings(pool.kubeadm, pool.kubeadm === base ? undefined : base, (file, j) =>
        secretFile(pool, file, `workers[${i}].machines.secretFiles[${j}].secretContent`, draft),
      ),
    ]),
  );
  return { machines, own };
}

function settings(
  { files, pre, post, kubeletArguments, kubeletConfiguration }: Kubeadm,
  base: Kubeadm | undefined,
  secret: (file: Readonly<Record<string, unknown>>, index: number) => object,
): Readonly<Record<string, unknown>> {
  const isNew = (known: readonly unknown[] | undefined) => {
    const before = new Set((known ?? []).map((each) => JSON.stringify(each)));
    return (each: unknown) => !before.has(JSON.stringify(each));
  };
  const newFiles = files.filter(isNew(base?.files));
  const plain = newFiles.filter((file) => file["contentFrom"] === undefined);
  const secrets = newFiles.filter((file) => file["contentFrom"] !== undefined);
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
    ...(secrets.length === 0 ? {} : { secretFiles: secrets.map(secret) }),
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
  pool: ImportedPool | undefined,
  { path, owner, permissions, contentFrom }: Readonly<Record<string, unknown>>,
  place: string,
  draft: Draft,
): object {
  const name = text(contentFrom, "secret", "name") ?? "";
  if (pool !== undefined) {
    const [object, spec] =
      pool.configTemplate === undefined
        ? ([pool.object, "spec.kubeadmConfigSpec"] as const)
        : ([pool.configTemplate, "spec.template.spec"] as const);
    draft.secret(object, `${spec}.files[${String(path)}]`, place, name);
  }
  return defined({
    path,
    permissions: permissions === "0600" ? undefined : permissions,
    owner: owner === "root:root" ? undefined : owner,
  });
}

function userOf(user: unknown): object {
  return {
    name: text(user, "name") ?? "",
    sshAuthorizedKeys: list(user, "sshAuthorizedKeys"),
    ...(text(user, "sudo") === undefined ? { sudo: false } : {}),
  };
}
