import type { Check } from "../check";
import { commandsLeaveKubeadm } from "./commands-leave-kubeadm";
import { fileOwnersExist } from "./file-owners-exist";
import { filePathsPlain } from "./file-paths-plain";
import { filePathsUnique } from "./file-paths-unique";
import { filePermissionsOctal } from "./file-permissions-octal";
import { filesNotKubeadms } from "./files-not-kubeadms";
import { filesNotOurs } from "./files-not-ours";
import { kubeletArgumentsFree } from "./kubelet-arguments-free";
import { kubeletArgumentsKnown } from "./kubelet-arguments-known";
import { kubeletArgumentsSpelt } from "./kubelet-arguments-spelt";
import { mirrorRegistriesForm } from "./mirror-registries-form";
import { mirrorUrlsForm } from "./mirror-urls-form";
import { mirrorsBypassProxy } from "./mirrors-bypass-proxy";
import { mirrorsRead } from "./mirrors-read";
import { noProxyForm } from "./no-proxy-form";
import { proxyNamed } from "./proxy-named";
import { proxyUrlsForm } from "./proxy-urls-form";
import { proxyWithoutLogin } from "./proxy-without-login";
import { sshKeysForm } from "./ssh-keys-form";
import { templatesEscaped } from "./templates-escaped";
import { userNamesForm } from "./user-names-form";
import { usersUnique } from "./users-unique";

/** Checks of what goes onto the machines: files, commands, kubelet flags, users, mirrors, proxy. */
export const machinesChecks: readonly Check[] = [
  commandsLeaveKubeadm,
  fileOwnersExist,
  filePathsPlain,
  filePathsUnique,
  filePermissionsOctal,
  filesNotKubeadms,
  filesNotOurs,
  kubeletArgumentsFree,
  kubeletArgumentsKnown,
  kubeletArgumentsSpelt,
  mirrorRegistriesForm,
  mirrorUrlsForm,
  mirrorsBypassProxy,
  mirrorsRead,
  noProxyForm,
  proxyNamed,
  proxyUrlsForm,
  proxyWithoutLogin,
  sshKeysForm,
  templatesEscaped,
  userNamesForm,
  usersUnique,
];
