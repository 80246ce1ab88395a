import path from "node:path";
import { getSystemErrorMap } from "node:util";
import { plainText } from "../../model/redaction/shown";

/** What failed around a command, in one line: a file, a disk, a kubeconfig or a cluster; undefined for a defect of this program. */
export async function failureText(error: unknown, directory: string): Promise<string | undefined> {
  if (!(error instanceof Error)) return undefined;
  const system = systemErrorText(error, directory);
  if (system !== undefined) return system;
  const [{ ApiError, UnreachableError }, { KubeconfigError }, { ClusterUnreadable }] = await Promise.all([
    import("../kubernetes/api.js"),
    import("../kubernetes/kubeconfig.js"),
    import("../live/clusters.js"),
  ]);
  const known = [ApiError, UnreachableError, KubeconfigError, ClusterUnreadable];
  return known.some((kind) => error instanceof kind) ? plainText(error.message) : undefined;
}

/** `Pulumi.x.yaml cannot be read: illegal operation on a directory (EISDIR)`; undefined for what is no error of the system. */
export function systemErrorText(error: Error, directory: string): string | undefined {
  const { code, errno, syscall, path: file } = error as NodeJS.ErrnoException;
  if (code === undefined || errno === undefined || syscall === undefined) return undefined;
  const [, reason = "failed"] = getSystemErrorMap().get(-Math.abs(errno)) ?? [];
  if (file === undefined) return plainText(`${syscall}: ${reason} (${code})`);
  const relative = path.relative(directory, file);
  const shown = relative === "" || relative.startsWith("..") ? file : relative;
  return plainText(`${shown} cannot be ${deedOf(syscall)}: ${reason} (${code})`);
}

function deedOf(syscall: string): string {
  if (/^(read|scandir|l?stat|access|readlink)$/.test(syscall)) return "read";
  if (/^(write|mkdir|mkdtemp|rename|copyfile|chmod|link|symlink|ftruncate)$/.test(syscall)) return "written";
  return /^(unlink|rm|rmdir)$/.test(syscall) ? "removed" : "opened";
}
