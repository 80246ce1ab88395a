import { type KubernetesObject, field } from "../kubernetes/object";
import type { ClusterPlan } from "../plan/plan";
import { isCleaned } from "../live/rollout/server";
import type { WipedDisk } from "./change";
import { type Words, joined, plainWords, words } from "./formatted-text";

/** What is overwritten on hosts that get the image, or are given back. */
export function wipedDisks(plan: ClusterPlan, hosts: readonly string[]): readonly WipedDisk[] {
  return plan.hosts.hosts
    .filter(({ metadata }) => hosts.includes(metadata.name))
    .map((host) => ({
      host: host.metadata.name,
      disk: diskOf(host),
      allDisks: isCleaned(host),
    }));
}

/** The names of root device hints in words, the most certain first. */
const hints = [
  ["serialNumber", "serial"],
  ["wwnWithExtension", "WWN"],
  ["wwn", "WWN"],
  ["wwnVendorExtension", "WWN extension"],
  ["deviceName", "device"],
  ["hctl", "SCSI address"],
  ["vendor", "vendor"],
  ["model", "model"],
  ["minSizeGigabytes", "at least GB"],
  ["rotational", "rotational"],
] as const;

/** The disk that gets the image, as far as the plan says. */
function diskOf(host: KubernetesObject): Words {
  const given = hints.flatMap(([key, name]) => {
    const value = field(host, "spec", "rootDeviceHints", key);
    return value === undefined ? [] : [words`${plainWords(name)} ${String(value)}`];
  });
  return given.length === 0
    ? plainWords("the disk that Ironic chooses: no root device hints")
    : words`the disk with ${joined(given, ", ")}`;
}
