import { gzipSync } from "node:zlib";

/** A file of an archive. */
export interface ArchiveFile {
  readonly name: string;
  readonly text: string;
}

const block = 512;

/** A gzipped ustar archive (POSIX.1-1988) of small text files, readable for their owner alone. */
export function archive(files: readonly ArchiveFile[], modified: Date): Buffer {
  const parts = files.flatMap(({ name, text }) => {
    const content = Buffer.from(text, "utf8");
    const padding = Buffer.alloc((block - (content.length % block)) % block);
    return [header(name, content.length, modified), content, padding];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * block)]));
}

function header(name: string, size: number, modified: Date): Buffer {
  const { prefix, rest } = splitName(name);
  const head = Buffer.alloc(block);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, "0")}\0`;
  head.write(rest, 0, 100, "utf8");
  head.write(octal(0o600, 8), 100);
  head.write(octal(0, 8), 108);
  head.write(octal(0, 8), 116);
  head.write(octal(size, 12), 124);
  head.write(octal(Math.floor(modified.getTime() / 1000), 12), 136);
  // The sum counts its own field as blanks.
  head.write(" ".repeat(8), 148);
  head.write("0", 156);
  head.write("ustar\0" + "00", 257);
  head.write(prefix, 345, 155, "utf8");
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return head;
}

/** Long names are split at a slash into two fields of the header. */
function splitName(name: string): { readonly prefix: string; readonly rest: string } {
  if (Buffer.byteLength(name) <= 100) return { prefix: "", rest: name };
  const slash = name.indexOf("/", Math.max(0, name.length - 101));
  if (slash < 0 || slash > 155) throw new Error(`the name "${name}" is too long for an archive`);
  return { prefix: name.slice(0, slash), rest: name.slice(slash + 1) };
}
