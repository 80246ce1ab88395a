import type { Stack } from "../stack/schema";

/** A stack as one pool sees it: its own files, commands and kubelet arguments after those of all machines. */
export function forPool(stack: Stack, pool: string): Stack {
  const own = stack.workers.find(({ name }) => name === pool)?.machines;
  if (own === undefined) return stack;
  const { machines } = stack;
  const replaced = own.files.map(({ path }) => path);
  return {
    ...stack,
    machines: {
      ...machines,
      files: [...machines.files.filter(({ path }) => !replaced.includes(path)), ...own.files],
      preKubeadmCommands: [...machines.preKubeadmCommands, ...own.preKubeadmCommands],
      postKubeadmCommands: [...machines.postKubeadmCommands, ...own.postKubeadmCommands],
      kubeletArguments: { ...machines.kubeletArguments, ...own.kubeletArguments },
    },
  };
}
