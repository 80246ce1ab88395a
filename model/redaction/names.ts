import { nearest } from "../text/wording";

// cspell:disable, for words of many languages

/**
 * Parts of names that mean a secret wherever they stand in a name; names are compared in lower case, without accents and
 * without what separates their words. In the languages in which keys are often named.
 */
const parts = [
  ...["password", "passwd", "passphrase", "passcode", "userpass", "secret", "credential", "token", "psk"],
  ...["apikey", "accesskey", "secretkey", "privatekey", "privkey", "sharedkey", "authkey", "signingkey"],
  ...["encryptionkey", "encryptedkey", "encryptionsalt", "masterkey", "hmackey", "accountkey", "joinkey"],
  ...[
    "unsealkey",
    "recoverykey",
    "deploykey",
    "storagekey",
    "tsigkey",
    "rndckey",
    "licensekey",
    "licencekey",
    "certificatekey",
    "activationkey",
  ],
  ...["snmpcommunity", "mnemonic", "pincode", "amzsignature", "googsignature"],
  ...["webhookurl", "slackwebhook", "discordwebhook", "teamswebhook", "incomingwebhook"],
  ...["clientkeydata", "clientcertificatedata", "certificateauthoritydata", "connectionstring", "sessionid"],
  // Only a Secret has this field.
  "stringdata",
  // A copy of a whole object, which kubectl and others keep in an annotation.
  ...["lastappliedconfiguration", "lasthandledconfiguration"],
  ...["passwort", "kennwort", "losungswort", "geheim", "zugangsdaten", "zugangscode", "wagwoord", "passord"],
  ...["wachtwoord", "losenord", "adgangskode", "adgangsord", "hemlig", "hemmelig", "lykilord"],
  ...["motdepasse", "phrasedepasse", "phrasesecrete", "jetondacces", "contrasena", "contrasenya"],
  ...["contrasinal", "palabradepaso", "palavrapasse", "senha", "parola", "pasahitza", "pasvorto"],
  ...["segreto", "segredo", "salasana", "salaisuus", "salasona", "slaptazod", "heslo", "haslo"],
  ...["geslo", "lozink", "zaporka", "jelszo", "titkos", "sifre", "fjalekalim", "cyfrinair", "pasfhocal"],
  ...["matkhau", "katasandi", "katalaluan", "nenosiri", "κωδικος", "συνθηματικο", "μυστικο", "διακριτικο"],
  ...["пароль", "парола", "лозинк", "секрет", "токен", "ключдоступа", "закрытыйключ", "таємниц", "құпиясөз"],
  ...["密码", "密碼", "口令", "密钥", "密鑰", "令牌", "凭证", "憑證", "凭据", "私钥", "私鑰", "秘密", "机密"],
  ...["暗証番号", "パスワード", "パスフレーズ", "シークレット", "トークン", "合言葉", "暗号鍵", "認証情報"],
  ...["비밀번호", "비밀키", "패스워드", "암호", "토큰", "시크릿", "개인키", "인증키"],
  ...["סיסמ", "كلمةالمرور", "كلمةالسر", "كلمهالمرور", "گذرواژه", "رمزعبور", "पासवर्ड", "कूटशब्द", "รหัสผ่าน"],
  ...["পাসওয়ার্ড", "கடவுச்சொல்", "პაროლი", "գաղտնաբառ"],
  ...["apischlussel", "apischluessel", "geheimschluessel", "geheimschlussel", "privatschlussel"],
  ...["zugriffsschlussel", "zugangsschlussel", "privaterschlussel", "privatschluessel"],
  ...["cledapi", "cleapi", "cleprivee", "cledacces", "claveprivada", "clavedeacceso", "clavedeapi"],
  ...["chiaveprivata", "chiaveapi", "chaveprivada", "chavedeapi", "privatesleutel", "privatnyckel"],
  ...["kluczprywatny", "kluczapi", "soukromyklic", "ozelanahtar", "gizlianahtar"],
].map((part) => folded(part));

/** Words that mean a secret only as a whole word of a name: `DB_PW`, `auth_old`, `mdp`. */
const words = new Set(
  [
    ["pass", "pw", "pwd", "pswd", "pword", "psswd", "passwrd", "creds", "cred", "jwt", "bearer", "cookie"],
    ["authorization", "otp", "totp", "mdp", "clave", "md5", "hmac", "htpasswd"],
    ["jeton", "parole", "parool", "sandi", "titok", "gizli", "tajne", "tajny", "lozinka", "parol", "비밀"],
  ].flat(),
);

/** Words that mean a secret only as the last of a name (`"auth": "..."`): `auth-mode` and `secure-boot` say how. */
const lastWords = new Set(
  [
    ["auth", "secure", "salt", "pin"],
    // The word for a key in languages in which a configuration has no other keys.
    ["schlussel", "schluessel", "sleutel", "nyckel", "nokkel", "klucz", "klic", "kljuc", "kulcs", "avain"],
    ["chiave", "chave", "llave", "anahtar", "ключ", "κλειδι", "鍵", "密匙", "钥匙", "열쇠"],
  ]
    .flat()
    .map((word) => folded(word)),
);

/** Whose key a key of TLS is: `tls.ca.key`. */
const authorities = new Set(["ca", "client", "server", "peer"]);

/** Ends of a word that is written without separators: `ipmipass`, `dbpw`. */
const wordEnd = /(?<!by|com|tres|sur|over|under|en)pass$|pwd?$/;

/** Last words of names that only say where a secret is, how long it holds or how it is handled. */
const references = new Set(
  [
    [
      "name",
      "namespace",
      "ref",
      "reference",
      "type",
      "kind",
      "path",
      "file",
      "dir",
      "directory",
      "location",
      "socket",
    ],
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

/** Fields of a map under a secret's name that only say which secret it is: `{ name, key }`. */
const fieldsOfReference = new Set(["apiversion", "uid", "optional", "immutable"]);

/** Words for the field of an entry that names it, as `{ name, value }` and `ParameterKey` do. */
const namingWords = new Set(
  [
    "name",
    "key",
    "id",
    "variable",
    "var",
    "env",
    "field",
    "attribute",
    "option",
    "property",
    "parameter",
  ].concat(["setting", "header", "label", "title", "nom", "nombre", "nome", "schlussel"]),
);

/** Words for the field of such an entry that holds its value. */
const holdingWords = new Set(
  ["value", "values", "val", "content", "contents", "data", "default", "text", "string", "plaintext"].concat([
    "raw",
    "current",
    "old",
    "new",
    "before",
    "after",
    "wert",
    "valeur",
    "valor",
    "valore",
    "waarde",
  ]),
);

/** Words for the field of an entry that holds the path of a file. */
const fileWords = new Set(["path", "file", "filename", "dest", "destination"]);

/** Longest name that is considered; a key is a few words. */
const longest = 160;

/** What has been judged: a text has the same names on line after line. Emptied when it is full, so that it stays small. */
const judged = new Map<string, boolean>();
const mostJudged = 10_000;

/**
 * Whether a key, a variable, an option or a header of this name holds a secret. The one list of names: the stack file, texts
 * and objects are all redacted by it. A name that only refers to a secret (`credentialsName`, `tokenFile`) does not count.
 */
export function namesSecret(name: string): boolean {
  if (name === "" || name.length > longest) return false;
  const before = judged.get(name);
  if (before !== undefined) return before;
  const answer = judge(name);
  if (judged.size >= mostJudged) judged.clear();
  judged.set(name, answer);
  return answer;
}

function judge(name: string): boolean {
  if (ruleId.test(name)) return false;
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
    (last === "key" &&
      (own.at(-2) === "tls" || (own.includes("tls") && authorities.has(own.at(-2) ?? "")))) ||
    isMisspelt(last)
  );
}

/** Whether a field of a map that holds a secret only refers to one: `name`, `secretName`, `type`, `path`. */
export function namesReference(field: string): boolean {
  const own = wordsOf(field);
  const last = own.at(-1) ?? "";
  return references.has(last) || fieldsOfReference.has(own.join(""));
}

/** Whether a field of an entry holds the entry's name: `name`, `Key`, `ParameterKey`. */
export function namesEntry(field: string): boolean {
  return namingWords.has(wordsOf(field).at(-1) ?? "");
}

/** Whether a field of an entry holds the path of the file that the entry is: `path`, `destFile`. */
export function namesFile(field: string): boolean {
  return fileWords.has(wordsOf(field).at(-1) ?? "");
}

/** Whether a field of an entry holds the entry's value: `value`, `Val`, `stringValue`. */
export function holdsEntry(field: string): boolean {
  return holdingWords.has(wordsOf(field).at(-1) ?? "");
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
  // Most names are ASCII, in which there is nothing to take apart.
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}\u115f\u1160\u3164\uffa0]/gu, "")
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

// cspell:ignore gshadow opasswd pgpass netrc htpasswd htdigest smbpasswd keytab kdbx passwd

/** Files whose whole content is secret, by the last part of their path. */
const secretFiles =
  /^(?:g?shadow|[\w.-]*shadow[\w.-]*|opasswd|\.?pgpass|[._]netrc|\.?git-credentials|\.?htpasswd|\.?htdigest|smbpasswd|\.?my\.cnf|\.?vault-token|(?:chap|pap|ipsec|racoon|l2tp|eap)[\w-]*secrets?|\.?dockercfg|psk\.txt|machine-id\.key|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|ssh_host_\w*key)-?$/i;
/** Endings of files that hold a private key or a store of secrets. */
const endings =
  /\.(?:key|pem|p8|p12|pfx|pkcs12|jks|keystore|keytab|secrets|ppk|kdbx?|asc|gpg|age|psk|pgpass|netrc)$/i;
/** Folders in which each file is a secret. */
const folders = /\/(?:secrets?|credentials|passwords|tokens|ssl\/private|pki\/private|tls\/private)\/[^/]+$/i;
/** Programs, units, public halves and prose: their secrets are found by their keys, like those of any other text. */
const shownEndings =
  /\.(?:sh|bash|py|pl|rb|js|service|socket|timer|mount|path|target|slice|pub|crt|cer|cert|csr|md|rules|profile|repo|list)$/i;
/** What says how something is done with passwords: PAM, sshd, sudo, systemd; and the list of users, which has had none for long. */
const policies =
  /\/(?:pam|sshd?_config|sudoers|sysctl|modprobe|systemd|udev|logrotate|apparmor)(?:\.d)?\/|\/etc\/passwd-?$/;

/** Longest path that is considered. */
const longestPath = 1000;

/** Whether a file of this path is a secret as a whole: `/etc/token`, `/etc/shadow`, `/root/.pgpass`, `/etc/ssl/a.key`. */
export function namesSecretFile(path: string): boolean {
  if (path.length > longestPath || !/^[~.]?\.?\/|^[\w.-]+$/.test(path)) return false;
  const last = /[^/]*$/.exec(path)?.[0] ?? "";
  if (last === "" || shownEndings.test(last) || policies.test(path)) return false;
  if (secretFiles.test(last) || endings.test(last) || folders.test(path)) return true;
  const [stem = ""] = last.replace(/^\.+/, "").split(".");
  return namesSecret(stem);
}
