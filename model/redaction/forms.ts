/** Replaces a secret. */
export const removedSecret = "[secret]";

/** Placeholders of secrets, and values that are none. */
const stand =
  /^(?:\[(?:secret|unknown|encrypted|masked|hidden)\]|<[^<>]*>|\*+|\d{1,3}(?: (?:of|written|encrypted|removed|hidden|taken|left|missing|expired|seconds?|minutes?|hours?|days?|bytes|errors?|warnings?)\b.*)?|true|false|null|~|undefined|\$\{[^}]*\}|\{\{[^}]*\}\})$/i;

/** Counts what is taken out, with its kind where that is known. */
export type Count = (kind?: string) => void;

/** The sign of a removed secret instead of a value; what is none, or hidden already, stays. */
export function hide(value: string, count: Count): string {
  const trimmed = value.trim();
  if (trimmed === "" || isShown(trimmed)) return value;
  count();
  const quote = /^(\\*["'`])(?:.*)\1$/s.exec(trimmed)?.[1] ?? "";
  const end = value.trimEnd();
  return quote + removedSecret + quote + (end.endsWith(",") ? "," : "") + value.slice(end.length);
}

/** A text without what closes it: a regular expression would look at each blank of a long run again and again. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && " \t\r\n,;)}|".includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function isShown(value: string): boolean {
  const bare = withoutEnd(value).replace(/^\\*["'`]|(?<!\\)\\*["'`]$/g, "");
  if (bare === "" || stand.test(bare)) return true;
  const both = bare.split(/(?<!\s)\s*[-=]>\s*|(?<!\s)\s+(?=\[)/);
  return both.length > 1 && both.every((one) => isShown(one));
}

/** What gives access to an address, as signed URLs of S3, Google and Azure have it; names of other secrets are found by their names. */
const signature =
  /(?<=(?:[?&;]|\\u0026|%26|%3F)(?:sig|signature|x-[a-z]{2,8}-(?:signature|credential|security-token)|awsaccesskeyid|key|code|st|hdnts|hmac|ticket)(?:=|%3D))[^\s"'`<>#&;)\\]{4,2000}/gi;

/** The part of a webhook's address that is its secret: of known services, and of any that has a long random part. */
const webhook = new RegExp(
  [
    "(?<=\\bhooks\\.slack(?:-gov)?\\.com\\\\*/(?:services|workflows|triggers)\\\\*/)[^\\s\"'`<>)]+",
    "(?<=\\bdiscord(?:app)?\\.com\\\\*/api\\\\*/(?:v\\d+\\\\*/)?webhooks\\\\*/)[^\\s\"'`<>)]+",
    "(?<=\\b(?:office|office365)\\.com\\\\*/webhook(?:b2)?\\\\*/)[^\\s\"'`<>)]+",
    "(?<=\\bapi\\.telegram\\.org\\\\*/(?:file\\\\*/)?bot)\\d+:[\\w-]+",
    "(?<=\\b(?:events\\.pagerduty\\.com\\\\*/integration|hc-ping\\.com|hooks\\.zapier\\.com\\\\*/hooks\\\\*/catch)\\\\*/)[^\\s\"'`<>)]+",
    "(?<=https?:\\\\*/\\\\*/[^\\s\"'`<>]{1,200}\\\\*/(?:hooks|webhooks?|incoming-webhook)\\\\*/)(?=[^\\s\"'`<>]{0,200}[A-Za-z0-9_-]{16})(?=[^\\s\"'`<>]*\\d)[^\\s\"'`<>)]+",
  ].join("|"),
  "gi",
);

/** A peer of kube-vip up to its password: `address:ASN:` (kube-vip v1.0.1 pkg/kubevip/config_bgp.go). */
const peerStart = "(?:\\d{1,3}(?:\\.\\d{1,3}){3}|\\[[0-9A-Fa-f:.%]{2,60}\\]):\\d{1,10}:";
/** What stands where a password does: a mark of a manifest, or the sign of a removed secret. */
const noPassword = "(?!<password-of-|\\[secret\\])";
const peerPassword = new RegExp(
  `(?<=${peerStart})${noPassword}[^\\r\\n,:]{1,200}(?=:(?:true|false)(?![\\w.]))`,
  "gi",
);
/** Without `:multihop`, which only a text about such peers has. */
const lastPassword = new RegExp(`(?<=(?<![\\w.:])${peerStart})${noPassword}[^\\s,:"'\`\\\\]{1,200}`, "gi");
/** The name of kube-vip's variable, and its option. */
export const namesPeers = /\bbgp_?peers?\b/i;

/** Peers of kube-vip without their passwords. */
export function withoutPeerPasswords(peers: string, count: () => void = () => undefined): string {
  const taken = () => {
    count();
    return removedSecret;
  };
  return peers.replace(peerPassword, taken).replace(lastPassword, taken);
}

/** The command of sed that puts a password in place of its mark, with any usual delimiter. */
const markCommand = new RegExp(
  [",", "/", "#", "\\|"]
    .map(
      (by) =>
        `(?<=\\bs${by}(?:<|\\\\u003c|&lt;)password-of-[\\w.-]{1,253}(?:>|\\\\u003e|&gt;)${by})(?!\\[secret\\])[^\\r\\n${by}]{1,300}`,
    )
    .join("|"),
  "g",
);

// cspell:disable, for the beginnings of tokens
/**
 * Secrets that are recognised by their own form, also behind an escaped line break, each with what a text with it has: most
 * texts have none, and are many. Each is linear in the text's length.
 */
const forms: readonly (readonly [kind: string, pattern: RegExp, hint: RegExp])[] = [
  ["encrypted value", /(?:\b|(?<=\\[nrt]))v1:[A-Za-z0-9+/]{11,24}={0,2}:[A-Za-z0-9+/:=]{8,}/g, /v1:/],
  ["PEM in base64", /(?:\b|(?<=\\[nrt]))LS0tLS1CRUdJTi[A-Za-z0-9+/]*={0,2}/g, /LS0tLS1CRUdJTi/],
  [
    "GitHub token",
    /(?:\b|(?<=\\[nrt]))(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/g,
    /gh[pousr]_|github_pat_/,
  ],
  [
    "GitLab token",
    /(?:\b|(?<=\\[nrt]))gl(?:pat|rtr?|cbt|dt|ptt|ft|imt|agent|soat|ffct|oas)-[A-Za-z0-9_.-]{16,}/g,
    /gl[a-z]{2,5}-/,
  ],
  ["Pulumi token", /(?:\b|(?<=\\[nrt]))pul-[0-9a-f]{40}\b/g, /pul-/],
  ["AWS key", /(?:\b|(?<=\\[nrt]))(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, /AKIA|ASIA/],
  ["Slack token", /(?:\b|(?<=\\[nrt]))xox[a-z]-[A-Za-z0-9-]{10,}/g, /xox/],
  // An encrypted one (JWE) has five parts, some of them empty.
  ["JSON web token", /(?:\b|(?<=\\[nrt]))eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){2,4}/g, /eyJ/],
  ["signature in an address", signature, /=|%3D/i],
  ["BGP password", peerPassword, /:(?:true|false)/i],
  ["BGP password", markCommand, /password-of-/],
  ["webhook", webhook, /hook|telegram|pagerduty|hc-ping/i],
  ["Vault token", /(?:\b|(?<=\\[nrt]))hv[sbr]\.[A-Za-z0-9_-]{20,}/g, /hv[sbr]\./],
  ["npm token", /(?:\b|(?<=\\[nrt]))npm_[A-Za-z0-9]{30,}/g, /npm_/],
  ["Google key", /(?:\b|(?<=\\[nrt]))AIza[A-Za-z0-9_-]{35}/g, /AIza/],
  ["Docker token", /(?:\b|(?<=\\[nrt]))dckr_[a-z]{3}_[A-Za-z0-9_-]{20,}/g, /dckr_/],
  [
    "OpenAI or Anthropic key",
    /(?:\b|(?<=\\[nrt]))sk-(?:[a-z]{2,8}[0-9]{0,2}-){0,2}[A-Za-z0-9_-]{20,}/g,
    /sk-/,
  ],
  ["Stripe key", /(?:\b|(?<=\\[nrt]))(?:sk|rk|whsec)_(?:(?:live|test)_)?[A-Za-z0-9]{20,}/g, /[sr]k_|whsec_/],
  ["Tailscale key", /(?:\b|(?<=\\[nrt]))tskey-[a-z]{2,12}-[A-Za-z0-9-]{12,}/g, /tskey-/],
  ["Terraform token", /(?:\b|(?<=\\[nrt]))[A-Za-z0-9]{6,20}\.atlasv1\.[A-Za-z0-9_-]{20,}/g, /\.atlasv1\./],
  [
    "Azure client secret",
    /(?:(?<![\w.~-])|(?<=\\[nrt]))[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,37}(?![\w~-])/g,
    /\dQ~/,
  ],
  ["SendGrid key", /(?:\b|(?<=\\[nrt]))SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}/g, /SG\./],
  ["Grafana token", /(?:\b|(?<=\\[nrt]))gl(?:sa|c)_[A-Za-z0-9_+/=]{20,}/g, /gl(?:sa|c)_/],
  ["DigitalOcean token", /(?:\b|(?<=\\[nrt]))do[opr]_v1_[0-9a-f]{32,}/g, /do[opr]_v1_/],
  ["Hugging Face token", /(?:\b|(?<=\\[nrt]))hf_[A-Za-z0-9]{30,}/g, /hf_/],
  ["PyPI token", /(?:\b|(?<=\\[nrt]))pypi-[A-Za-z0-9_-]{40,}/g, /pypi-/],
  ["Atlassian token", /(?:\b|(?<=\\[nrt]))AT[A-Z]{2}T?3[A-Za-z0-9_=-]{40,}/g, /AT[A-Z]{2}T?3/],
  [
    "Google token",
    /(?:\b|(?<=\\[nrt]))(?:ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,})/g,
    /ya29\.|GOCSPX-/,
  ],
  [
    "K3s token",
    /(?:\b|(?<=\\[nrt]))K10[0-9a-f]{32,128}::[\w.-]{1,64}:[A-Za-z0-9._-]{6,}/g,
    /K10[0-9a-f]{32}/,
  ],
  // Cilium's IPsec keys and `ip xfrm`: `3+ rfc4106(gcm(aes)) 0123… 128`.
  [
    "IPsec key",
    /(?<=(?:(?:hmac|cbc|ecb|ctr|cmac|xcbc)\(\w{2,12}\)|rfc\d{4}\(\w{2,5}\(\w{2,12}\)\))["']?[ \t]{1,8}(?:0x)?)(?=[A-Za-z]{0,40}\d)[A-Za-z0-9]{16,}/g,
    /\(\w{2,12}\)/,
  ],
  // `host:port:database:user:password` of PostgreSQL, and `user:hash:days:…` of shadow(5).
  [
    "line of .pgpass",
    /(?<=(?:^|\\n|[\s"'+-])[\w.*-]{1,253}:(?:\d{2,5}|\*):[A-Za-z_*][^:\s]{0,63}:[A-Za-z_*][^:\s]{0,63}:)[^:\s"'\\]{1,200}(?=["']?[ \t]*$|\\n)/gm,
    /:(?:\d{2,5}|\*):/,
  ],
  [
    "line of shadow",
    /(?<=(?:^|\\n|[\s"'+-])[a-z_][\w.-]{0,31}:)(?![!*x]{1,2}:|[\da-f]{1,4}:)[^:\s"'\\[\]]{2,200}(?=:\d{0,6}:\d{0,6}:\d{0,6}:)/gm,
    /:\d{0,6}:\d{0,6}:\d{0,6}:/,
  ],
  // cspell:ignore DHHC
  // Of a fixed length and beginning: the keys of Ceph's users and of NVMe over TCP.
  ["Ceph key", /(?:(?<![A-Za-z0-9+/])|(?<=\\[nrt]))AQ[A-Za-z0-9+/]{36}==(?![A-Za-z0-9+/=])/g, /AQ/],
  [
    "NVMe key",
    /(?:\b|(?<=\\[nrt]))(?:DHHC-1:\d\d|NVMeTLSkey-1:\d\d):[A-Za-z0-9+/]{16,}={0,2}:?/g,
    /DHHC-1|NVMeTLS/,
  ],
  ["age key", /(?:\b|(?<=\\[nrt]))AGE-SECRET-KEY-1[A-Z0-9]{20,}/g, /AGE-SECRET-KEY-1/],
  ["login in an encoded address", /(?<=%3A%2F%2F)[^\s"'`<>&]{1,300}?(?=%40)/gi, /%40/],
  ["kubeadm token", /(?:(?<![\w.-])|(?<=\\[nrt]))[a-z0-9]{6}\.[a-z0-9]{16}(?![\w.-])/g, /\.[a-z0-9]{16}/],
  [
    "password hash",
    /\$(?:2[abxy]|5|6|7|y|gy|argon2(?:id?|d)|scrypt|pbkdf2-sha\d+)\$[A-Za-z0-9./$=,+-]{14,}|\$(?:1|apr1|sha1|md5)\$[^\s$"']{1,24}\$[A-Za-z0-9./$]{20,}/g,
    /\$/,
  ],
  [
    "password hash",
    /\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT|PBKDF2[\w-]{0,20})\}[A-Za-z0-9+/=.$]{16,}|grub\.pbkdf2\.sha\d+\.\d+\.[A-Za-z0-9.]{4,}/gi,
    /\{(?:S?SHA|S?MD5|CRYPT|PBKDF2)|grub\.pbkdf2/i,
  ],
];

// cspell:enable

/** No digest, whose letters are of one case, no path, which has dots or dashes, and no public SSH key. */
const longBase64 =
  /(?:(?<![A-Za-z0-9+/=_.-])|(?<=\\[nrt]))(?!AAAA)[A-Za-z0-9+/]{48,}={0,2}(?![A-Za-z0-9+/=_.-])/g;

/** Where values stand that are a secret by their own form, as offsets; blocks and headers of several words are not among them. */
export function formRanges(text: string): readonly (readonly [start: number, end: number])[] {
  const found = forms.flatMap(([, pattern, hint]) => (hint.test(text) ? [...text.matchAll(pattern)] : []));
  return [
    ...found.map(({ index, 0: match }) => [index, index + match.length] as const),
    ...loginRanges(text),
  ];
}

/** Takes out whatever is a secret by its own form: keys, tokens, hashes, logins in addresses, HTTP headers. */
export function withoutSecretForms(text: string, count: (kind: string) => void): string {
  const taken = (kind: string) => {
    count(kind);
    return removedSecret;
  };
  let rest = withoutPem(text, () => count("PEM block"));
  for (const [kind, pattern, hint] of forms)
    if (hint.test(rest)) rest = rest.replace(pattern, () => taken(kind));
  if (namesPeers.test(rest)) rest = withoutPeerPasswords(rest, () => count("BGP password"));
  rest = withoutLogins(rest, () => count("login in an address"));
  if (/[A-Za-z0-9+/]{48}/.test(rest))
    rest = rest.replace(longBase64, (match) =>
      /[a-z]/.test(match) && /[A-Z]/.test(match) && /[0-9]/.test(match) ? taken("long base64") : match,
    );
  return rest.replace(
    /(?:\b|(?<=\\[nrt]))(Bearer|Basic|Negotiate)(\s+)([A-Za-z0-9._~+/-]{4,2000}={0,2})/gi,
    (match, scheme: string, between: string, value: string) =>
      isCredential(scheme.toLowerCase(), value) ? scheme + between + taken("HTTP header") : match,
  );
}

/** "Basic authentication" and "bearer token" are prose; a login in base64 has a colon, a token has digits. */
function isCredential(scheme: string, value: string): boolean {
  if (scheme !== "basic") return /\d/.test(value) || value.length >= 20;
  try {
    return atob(value).includes(":");
  } catch {
    return false;
  }
}

/** Where a word of a text ends for the search of logins. */
const word = /[^\s"`<>|]+/g;
/** A digest behind an image's name, and the name that is left of a login. */
const digest = /@sha\d{3}:[0-9a-f]*/g;
/** Schemes after which a name may stand without `//` and without a password: `ssh:admin@router`. */
const nameOnly = /^(?:mailto|ssh|sftp|scp|git|sip|xmpp|acct|from|to|cc|by|author):[^:]*$/i;

/**
 * A text without the logins inside its addresses, in all forms that are met: `https://user:password@host`, with `/`, `:` or
 * `@` in the password, and without `//`. A user's name alone stays only where it is no token: `ssh://admin@router`.
 */
function withoutLogins(text: string, count: () => void = () => undefined): string {
  if (!text.includes("@")) return text;
  return text.replace(word, (whole) => {
    const at = loginEnd(whole);
    const start = at === undefined ? undefined : loginStart(whole, at);
    if (at === undefined || start === undefined) return whole;
    count();
    return whole.slice(0, start) + removedSecret + whole.slice(at);
  });
}

/** Offsets of the login in each word of a text. */
function loginRanges(text: string): readonly (readonly [start: number, end: number])[] {
  if (!text.includes("@")) return [];
  return [...text.matchAll(word)].flatMap((match) => {
    const at = loginEnd(match[0]);
    const start = at === undefined ? undefined : loginStart(match[0], at);
    return at === undefined || start === undefined ? [] : [[match.index + start, match.index + at] as const];
  });
}

/** The last `@` that begins no digest. */
function loginEnd(whole: string): number | undefined {
  if (!whole.includes("@")) return undefined;
  const at = whole.replace(digest, (match) => " ".repeat(match.length)).lastIndexOf("@");
  return at > 0 ? at : undefined;
}

function loginStart(whole: string, at: number): number | undefined {
  const slashes = whole.indexOf("://");
  if (slashes >= 0 && slashes < at) {
    const start = slashes + "://".length;
    const login = whole.slice(start, at);
    const isName = !login.includes(":") && /(?:ssh|sftp)$/i.test(whole.slice(0, slashes));
    return login === "" || isName || isHidden(login) ? undefined : start;
  }
  // `proxy=user:password@host`, `(user:password@host`, `//user:password@host`
  const lead = /^(?:[\w.-]*=)?['([{,;]*(?:\/\/)?/.exec(whole)?.[0].length ?? 0;
  const login = whole.slice(lead, at);
  if (!/^[^:]*:./.test(login) || nameOnly.test(login) || isHidden(login)) return undefined;
  const scheme = /^(?:ssh|sftp|https?|ftp|redfish[\w+-]*|ipmi|idrac[\w+-]*|ilo\d?[\w+-]*):(?=[^:]+:)/i.exec(
    login,
  );
  return lead + (scheme?.[0].length ?? 0);
}

function isHidden(login: string): boolean {
  return login === removedSecret || /^\*+$/.test(login) || login.endsWith(`:${removedSecret}`);
}

/** Also a block whose lines are escaped, prefixed by a diff or cut off before its end. */
function withoutPem(text: string, count: () => void): string {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const begin = text.indexOf("-----BEGIN ", from);
    if (begin < 0) break;
    const end = endOfPem(text, begin);
    parts.push(text.slice(from, begin), removedSecret);
    count();
    from = end;
  }
  return [...parts, text.slice(from)].join("");
}

function endOfPem(text: string, begin: number): number {
  const next = text.indexOf("-----BEGIN ", begin + 1);
  const own = text.slice(begin, next < 0 ? text.length : next);
  const end = own.indexOf("-----END ");
  if (end >= 0) {
    const close = own.indexOf("-----", end + "-----END ".length);
    return begin + (close < 0 ? own.length : close + "-----".length);
  }
  // Cut off: what follows is secret as long as it looks like base64.
  const body =
    /-----BEGIN [^\n-]{0,60}-*(?:[\s+~-]|\\n|[A-Za-z0-9+/=]{16,}|(?=[A-Za-z/+]{0,15}[0-9=])[A-Za-z0-9+/=]{1,15}(?=\s|\\n|$))*/y;
  return begin + (body.exec(own)?.[0].trimEnd().length ?? 0);
}
