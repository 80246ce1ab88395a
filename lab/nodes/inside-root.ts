import fs from "node:fs";
import path from "node:path";

/** More links on one path are a circle, as the kernel counts them. */
const mostLinks = 40;

/**
 * The place of a path below another root, as a process with that root opens it: absolute links lead to the root, and `..` does not
 * leave it. Throws where links go round in a circle. A process that exchanges a link meanwhile is not held off.
 */
export function placeInside(root: string, place: string): string {
  const steps = (text: string) => text.split("/").filter((step) => step !== "" && step !== ".");
  let rest = steps(place);
  let done: string[] = [];
  for (let links = 0; rest.length > 0;) {
    const [step = "", ...others] = rest;
    rest = others;
    if (step === "..") {
      done = done.slice(0, -1);
      continue;
    }
    const target = targetOf(path.join(root, ...done, step));
    if (target === undefined) {
      done.push(step);
      continue;
    }
    if (++links > mostLinks) throw new Error(`${place}: more than ${mostLinks} links`);
    if (target.startsWith("/")) done = [];
    rest = [...steps(target), ...rest];
  }
  return path.join(root, ...done);
}

function targetOf(file: string): string | undefined {
  try {
    return fs.readlinkSync(file);
  } catch {
    return undefined; // no link, or not there
  }
}
