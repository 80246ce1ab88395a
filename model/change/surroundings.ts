import { stepsOf } from "../stack/project-paths";

/**
 * What planning code has no use for: with these it could find out where it runs, and plan something else for a comparison than
 * for an update. Obfuscated code is for the reviewers of a pull request to refuse.
 */
const surroundings: readonly RegExp[] = [
  // A word of prose follows a word of prose.
  /\b(process|globalThis|global|require|module|exports|eval|Function|constructor|prototype|__proto__|fetch|Date|random|performance|crypto|captureStackTrace|prepareStackTrace)\b(?!\s+(?!(?:as|in|instanceof|satisfies)\b)[a-z])/,
  /\bimport\s*[(.]|\b(?:from|import)\s*\/[*/]|\\(x|u00)[4-7]|\\u\{/,
];

/** Packages that compute and nothing else. */
const packages: readonly string[] = ["zod", "yaml", "ip-address", "diff"];

/** Whether code of the model uses its surroundings: globals of the process, packages that do more than compute, other folders. */
export function usesSurroundings(path: string, code: string): boolean {
  const imports = [...code.matchAll(/\b(?:from|import)\s*(["'])([^"'$\s]+)\1\s*(?:;|$)/gm)];
  return (
    surroundings.some((pattern) => pattern.test(code)) ||
    imports.some(([, , name = ""]) => !packages.includes(name) && !isOfModel(path, name))
  );
}

function isOfModel(path: string, name: string): boolean {
  return /^\.\.?(\/|$)/.test(name) && stepsOf(`${path}/../${name}`)?.[0] === "model";
}

/** Functions of Helm's templates with another result at another time or run, and those that evaluate a text as a template. */
const varying =
  /\b(now|ago|date|dateInZone|htmlDate|htmlDateInZone|rand[A-Z]\w*|shuffle|gen[A-Z]\w*|lookup|tpl|uuid\w*|htpasswd|bcrypt|derivePassword|encryptAES|getHostByName)\b/;

/** Whether a chart's file can render something else later than it does now; of an archive that cannot be known. */
export function rendersOtherwise(path: string, text: string): boolean {
  return /\.t(ar\.)?gz$/i.test(path) || (text.includes("{{") && varying.test(text));
}
