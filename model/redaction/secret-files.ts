import { namesSecret } from "./names";

// cspell:ignore gshadow opasswd pgpass netrc htpasswd htdigest smbpasswd keytab kdbx passwd

/** Files whose whole content is secret, by the last part of their path. */
const names =
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
const longest = 1000;

/** Whether a file of this path is a secret as a whole: `/etc/token`, `/etc/shadow`, `/root/.pgpass`, `/etc/ssl/a.key`. */
export function namesSecretFile(path: string): boolean {
  if (path.length > longest || !/^[~.]?\.?\/|^[\w.-]+$/.test(path)) return false;
  const last = /[^/]*$/.exec(path)?.[0] ?? "";
  if (last === "" || shownEndings.test(last) || policies.test(path)) return false;
  if (names.test(last) || endings.test(last) || folders.test(path)) return true;
  const [stem = ""] = last.replace(/^\.+/, "").split(".");
  return namesSecret(stem);
}
