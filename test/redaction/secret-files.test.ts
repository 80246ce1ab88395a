import assert from "node:assert/strict";
import { namesSecretFile } from "../../model/redaction/names";

// cspell:ignore gshadow opasswd pgpass netrc htpasswd keytab pwquality

const secret = [
  ...["/etc/token", "/etc/password", "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/my-shadow.bak"],
  ...[
    "/etc/a.key",
    "/etc/rndc.key",
    "/etc/a.pem",
    "/etc/krb5.keytab",
    "/root/a.p12",
    "/etc/security/opasswd",
  ],
  ...["/root/.pgpass", "/root/.netrc", "/root/.git-credentials", "/etc/nginx/.htpasswd", "/root/.my.cnf"],
  ...["/root/.ssh/id_rsa", "/root/.ssh/id_ed25519", "/etc/ssh/ssh_host_ed25519_key", "/etc/ppp/chap-secrets"],
  ...["/etc/ipsec.secrets", "/etc/kubernetes/tokens.csv", "/run/secrets/any", "/etc/ssl/private/any.conf"],
  ...[
    "/var/lib/rancher/k3s/server/node-token",
    "~/.aws/credentials",
    "./token",
    "token",
    "/etc/bmc-password.txt",
  ],
];
const shown = [
  ...["/etc/hosts", "/etc/passwd", "/etc/passwd-", "/etc/group", "/etc/fstab", "/etc/modules-load.d/a.conf"],
  ...["/etc/pam.d/common-password", "/etc/ssh/sshd_config.d/10-password.conf", "/etc/sudoers.d/passwd"],
  ...["/root/.ssh/id_rsa.pub", "/etc/ssh/ssh_host_ed25519_key.pub", "/root/.ssh/authorized_keys"],
  ...["/etc/ssl/certs/a.crt", "/etc/kubernetes/admission/pod-security.yaml", "/etc/containerd/config.toml"],
  ...["/etc/systemd/system/token-refresh.service", "/usr/local/bin/set-password.sh", "/etc/keepalived.conf"],
  ...[
    "/etc/security/pwquality.conf",
    "/etc/keyboard",
    "/etc/monkey.conf",
    "/",
    "",
    "a token",
    "/etc/secrets/",
  ],
];

describe("files that are secret as a whole", () => {
  it("are known by their paths", () => {
    assert.deepEqual(
      secret.filter((path) => !namesSecretFile(path)),
      [],
    );
  });

  it("are no others", () => {
    assert.deepEqual(shown.filter(namesSecretFile), []);
  });
});
