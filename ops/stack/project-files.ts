import fs from "node:fs";
import path from "node:path";

/** A file or folder of the project that is not what it must be; the message names it. */
export class UnfitFile extends Error {}

/** The first part of a path below a folder that is a symbolic link; undefined where there is none, or the path leads elsewhere. */
export function linkOn(directory: string, file: string): string | undefined {
  const relative = path.relative(directory, path.resolve(directory, file));
  if (relative === "" || relative.startsWith("..") || path.isAbsolute(relative)) return undefined;
  const steps = relative.split(path.sep);
  return steps
    .map((_step, i) => steps.slice(0, i + 1).join("/"))
    .find((part) => isLink(path.join(directory, part)));
}

/** Whether a path is a symbolic link itself. */
export function isLink(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/**
 * Why a folder of the project cannot be compared: it holds, or is, something else than files and folders, and what a link or a
 * submodule leads to changes without any change of the folder itself. Undefined where nothing is wrong, or no folder is there.
 */
export function foreignEntry(directory: string, folder: string): string | undefined {
  const found = linkOn(directory, folder) ?? foreignIn(directory, folder);
  if (found === undefined) return undefined;
  return `${found} is a link, a submodule or a device; commit the files themselves in its place`;
}

function foreignIn(directory: string, folder: string): string | undefined {
  const place = path.join(directory, folder);
  if (fs.statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  for (const entry of fs.readdirSync(place, { withFileTypes: true })) {
    const name = path.posix.join(folder, entry.name);
    if (entry.name === ".git") return folder;
    if (!entry.isDirectory() && !entry.isFile()) return name;
    const found = entry.isDirectory() ? foreignIn(directory, name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The bytes of a regular file; of one that is larger than the bound, as many as show that. Throws an {@link UnfitFile} for a
 * device or a named pipe, which may never end, and the system's error, with the file's path, for what cannot be read.
 */
export function readRegularFile(file: string, bound: number): Buffer {
  const found = fs.statSync(file);
  if (!found.isFile() && !found.isDirectory() && !isShellPipe(file, found))
    throw new UnfitFile(`${file} is a device or a pipe, not a file`);
  const opened = fs.openSync(file, "r");
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length <= bound;) {
      // A file of the kernel has more bytes than its size.
      const chunk = Buffer.alloc(Math.min(Math.max(found.size - length, 4096), bound + 1 - length));
      const read = fs.readSync(opened, chunk);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    return Buffer.concat(chunks);
  } catch (error) {
    // Node names no file where a folder is read.
    if (error instanceof Error && "syscall" in error) Object.assign(error, { path: file });
    throw error;
  } finally {
    fs.closeSync(opened);
  }
}

/** What a shell makes of `<(command)`: a pipe with a writer, by the number of its descriptor. Reading a named one may never end. */
function isShellPipe(file: string, found: fs.Stats): boolean {
  return found.isFIFO() && /^\/proc\/[^/]+\/fd$/.test(fs.realpathSync(path.dirname(file)));
}

/**
 * Throws an {@link UnfitFile} where a file or folder to write, or a folder on the way to it, is a link of the project: a commit
 * could let it lead to any place of the machine.
 */
export function refuseLinkOn(directory: string, file: string): void {
  const link = linkOn(directory, file);
  if (link !== undefined) throw new UnfitFile(notWrittenThrough(link));
}

function notWrittenThrough(link: string): string {
  return `${link} is a link, which is not written through; remove it, or write to another place`;
}

/**
 * Writes a file in place of what has its name; a private one is made new, to have its mode. Throws an {@link UnfitFile} for a link,
 * as {@link refuseLinkOn} does, also where it is outside of the project.
 */
export function writeWithoutLinks(directory: string, file: string, text: string, isPrivate = false): void {
  refuseLinkOn(directory, file);
  const place = path.resolve(directory, file);
  if (isLink(place)) throw new UnfitFile(notWrittenThrough(file));
  if (isPrivate) fs.rmSync(place, { force: true });
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = fs.constants;
  const opened = fs.openSync(place, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, isPrivate ? 0o600 : 0o644);
  try {
    fs.writeFileSync(opened, text);
  } finally {
    fs.closeSync(opened);
  }
}
