import type { Check } from "../check";
import { checksumForm } from "./checksum-form";
import { checksumStrong } from "./checksum-strong";
import { checksumTypeSame } from "./checksum-type-same";
import { diskImage } from "./disk-image";
import { formatSame } from "./format-same";
import { hostReachable } from "./host-reachable";
import { noLoginInUrl } from "./no-login-in-url";
import { runsCloudInit } from "./runs-cloud-init";
import { urlScheme } from "./url-scheme";

/** Checks of the system image. */
export const imageChecks: readonly Check[] = [
  checksumForm,
  checksumStrong,
  checksumTypeSame,
  diskImage,
  formatSame,
  hostReachable,
  noLoginInUrl,
  runsCloudInit,
  urlScheme,
];
