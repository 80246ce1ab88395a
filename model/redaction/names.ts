import { nearest } from "../text/wording";

/**
 * Parts of names that mean a secret wherever they stand in a name; names are compared in lower case, without accents and
 * without what separates their words. In the languages in which keys are often named.
 */
const parts = [
  ...["password", "passwd", "passphrase", "passcode", "userpass", "secret", "credential", "token", "psk"],
  ...["apikey", "accesskey", "secretkey", "privatekey", "privkey", "sharedkey", "authkey", "signingkey"],
  ...[
    "encryptionkey",
    "encryptedkey",
    "encryptionsalt",
    "masterkey",
    "hmackey",
    "accountkey",
    "snmpcommunity",
  ],
  ...["clientkeydata", "clientcertificatedata", "certificateauthoritydata", "connectionstring", "sessionid"],
  ...["passwort", "kennwort", "geheim", "zugangsdaten", "motdepasse", "contrasena", "senha", "parola"],
  ...["wachtwoord", "losenord", "adgangskode", "salasana", "heslo", "jelszo", "sifre", "segreto", "segredo"],
  ...["haslo", "пароль", "секрет", "密码", "密碼", "口令", "密钥", "暗証番号", "パスワード", "비밀번호"],
  ...[
    "apischlussel",
    "geheimschlussel",
    "privatschlussel",
    "zugriffsschlussel",
    "zugangsschlussel",
    "privaterschlussel",
  ],
  ...["cledapi", "cleprivee", "clesecrete", "claveprivada", "clavesecreta", "chiaveprivata", "chaveprivada"],
].map(folded);

/** Words that mean a secret only as a whole word of a name: `DB_PW`, `auth_old`, `mdp`. */
const words = new Set(
  [
    ["pass", "pw", "pwd", "pswd", "pword", "psswd", "passwrd", "creds", "cred", "jwt", "bearer", "cookie"],
    ["authorization", "otp", "totp", "mdp", "clave", "md5", "hmac", "htpasswd"],
  ].flat(),
);

/** Words that mean a secret only as the last of a name (`"auth": "..."`): `auth-mode` and `secure-boot` say how. */
const lastWords = new Set(["auth", "secure", "salt", "pin"]);

/** Ends of a word that is written without separators: `ipmipass`, `dbpw`. */
const wordEnd = /(?<!by|com|tres|sur|over|under|en)pass$|pwd?$/;

/** Last words of names that only say where a secret is, how long it holds or how it is handled. */
const references = new Set(
  [
    ["name", "namespace", "ref", "reference", "type", "kind", "path", "file", "dir", "directory", "location"],
    [
      "seconds",
      "ttl",
      "expiry",
      "expiration",
      "sync",
      "policy",
      "enabled",
      "mode",
      "count",
      "lookup",
      "length",
    ],
    ["method", "provider", "required"],
    // Conditions and reasons of objects.
    [
      "available",
      "unavailable",
      "ready",
      "created",
      "deleted",
      "found",
      "missing",
      "valid",
      "invalid",
      "failed",
    ],
  ].flat(),
);

/** What names of keys hold that a misspelling can be recognized by. */
const spelling = ["password", "passphrase", "passwort", "secret", "token", "credential"];

const initials = new Set(spelling.map((word) => word.charAt(0)));

/** Ids of rules stand in front of what they found: `hosts/bmc-credentials-refused: the BMC refuses …`. */
const ruleId = /^(?:bgp|bmc|hosts|render|secrets)\/[a-z]+(?:-[a-z]+)*$/;

/** Longest name that is considered; a key is a few words. */
const longest = 160;

/**
 * Whether a key, a variable, an option or a header of this name holds a secret. The one list of names: the stack file, texts
 * and objects are all redacted by it. A name that only refers to a secret (`credentialsName`, `tokenFile`) does not count.
 */
export function namesSecret(name: string): boolean {
  if (name === "" || name.length > longest || ruleId.test(name)) return false;
  // A prefix such as `example.com/` or `metal:` names the owner of the key.
  const own = wordsOf(/[^/:]*$/.exec(name.replace(/[/:]+$/, ""))?.[0] ?? name);
  const last = own.at(-1);
  if (last === undefined || own.join("") === "existingsecret") return false;
  if (references.has(last) || references.has(last.replace(/s$/, ""))) return false;
  const joined = own.join("");
  return (
    parts.some((part) => joined.includes(part)) ||
    own.some((word) => words.has(word) || words.has(word.replace(/s$/, "")) || wordEnd.test(word)) ||
    lastWords.has(last) ||
    (last === "key" && own.at(-2) === "tls") ||
    isMisspelt(last)
  );
}

/** Splits `camelCase`, `snake_case`, `kebab-case` and `AWS_SECRET_KEYs` into words of lower case without accents. */
function wordsOf(name: string): readonly string[] {
  const spaced = name.replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2").replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2");
  return folded(spaced)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** In lower case and without accents; letters that Unicode does not take apart are replaced by hand. */
function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\p{Mn}\u00ad\u200b-\u200d\u2060\ufeff]/gu, "")
    .toLowerCase()
    .replaceAll("ł", "l")
    .replaceAll("ø", "o")
    .replaceAll("ı", "i")
    .normalize("NFC");
}

/** One or two letters wrong, such as `pasword`; a short word is near to too many others. */
function isMisspelt(word: string): boolean {
  // First what is cheap: a file may have a hundred thousand keys.
  if (word.length < 6 || word.length > 11 || !initials.has(word.charAt(0))) return false;
  const meant = nearest(word, spelling);
  return meant !== undefined && !known.has(word) && word.startsWith(meant.charAt(0));
}

/** Words of configuration that are near to one of a secret by accident. */
const known = new Set([
  "sectors",
  "taken",
  "broken",
  "tokens",
  "section",
  "select",
  "passport",
  "secrets",
  "passive",
  "sector",
]);
