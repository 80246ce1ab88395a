import type { Image } from "../../plan/images";
import { plainText } from "../../redaction/shown";
import { type CheckResult, judged, unknown } from "./check-result";

/** How a URL answered a HEAD request, or why it did not. */
export type UrlAnswer =
  | { readonly status: number; readonly bytes?: number; readonly failure?: undefined }
  | { readonly failure: string };

/** The URL has something to give. The servers fetch it, not this machine, so a silence here is no finding. */
export function judgeUrl(url: string, at: string, answer: UrlAnswer): CheckResult {
  const shown = plainText(url);
  if (answer.failure !== undefined)
    return unknown(`${shown} could not be queried from here: ${answer.failure}`);
  const { status, bytes } = answer;
  if (status === 404 || status === 410) {
    return judged("", [{ at, problem: `"${shown}" is not there (HTTP ${status})`, fix: "correct the URL" }]);
  }
  if (status === 401 || status === 403) {
    const fix = "Metal3 fetches it without a login: let it be read, or put it elsewhere";
    return judged("", [{ at, problem: `"${shown}" wants a login (HTTP ${status})`, fix }]);
  }
  if (status >= 400) return unknown(`${shown} answered HTTP ${status}`);
  const size = bytes === undefined ? "" : `, ${(bytes / 1e6).toFixed(0)} MB`;
  return judged(`${shown} answers HTTP ${status}${size}`);
}

const digits = { md5: 32, sha256: 64, sha512: 128 } as const;

/** Whether the checksum is a URL that Metal3 fetches, not the checksum itself. */
export function isChecksumUrl({ checksum }: Image): boolean {
  return /^https?:\/\//i.test(checksum);
}

/** A checksum written into the stack file has the length of its type. */
export function judgeChecksum({ checksum, checksumType }: Image, place = "image"): CheckResult {
  if (isHex(checksum, checksumType)) return judged(`a ${checksumType} checksum`);
  return judged("", [
    {
      at: `${place}.checksum`,
      problem: `"${checksum}" is neither a URL nor a ${checksumType} checksum of ${digits[checksumType]} hexadecimal digits`,
      fix: "write the checksum, its file's URL, or another checksumType",
    },
  ]);
}

/** A checksum file holds a checksum for the image: alone, or on a line with the image's name. */
export function judgeChecksumFile(
  { url, checksum, checksumType }: Image,
  content: string,
  place = "image",
): CheckResult {
  const name = url.split(/[?#]/)[0]?.split("/").at(-1) ?? "";
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== "");
  const [only] = lines;
  const alone =
    lines.length === 1 && only !== undefined && isHex(only.trim().split(/\s+/)[0] ?? "", checksumType);
  const listed = lines.some((line) => {
    const words = line.trim().split(/[\s=()*]+/);
    return words.includes(name) && words.some((word) => isHex(word, checksumType));
  });
  const shown = plainText(checksum);
  if (alone || listed) return judged(`${shown} holds a ${checksumType} checksum for ${name}`);
  return judged("", [
    {
      at: `${place}.checksum`,
      problem: `"${shown}" holds no ${checksumType} checksum for ${name}`,
      fix: "name the file with this image's checksum, or write the checksum itself",
    },
  ]);
}

function isHex(text: string, type: Image["checksumType"]): boolean {
  return text.length === digits[type] && /^[0-9a-f]+$/i.test(text);
}
