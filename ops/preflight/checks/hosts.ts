import {
  type InspectedHosts,
  hardwareOf,
  judgeControlPlaneSize,
  judgeMacs,
  judgePortNames,
  judgeRootDisks,
} from "../../../model/live/preflight/hardware";
import {
  judgeClaims,
  judgeEnough,
  judgeErrors,
  judgeRegisteredOnce,
  judgeSelectable,
  judgeWiping,
} from "../../../model/live/preflight/inventory";
import {
  existingSecrets,
  judgeInstallerNetworks,
  judgeLoginSecrets,
} from "../../../model/live/preflight/login-secrets";
import { type PreflightContext, definePreflight } from "../check";

const after = ["management/kinds-served"];

/** The servers: whose they are, what they are, and whether they can serve. */
export const hostChecks = [
  definePreflight({
    id: "hosts/claimed-by-none",
    summary: "No machine of another cluster uses the hosts.",
    why: "a host that another cluster's machine uses never becomes a machine of this one",
    after,
    run: async ({ stack, management }) => judgeClaims(stack, await management.live()),
  }),
  definePreflight({
    id: "hosts/nothing-else-runs",
    summary: "No other system runs on the hosts.",
    why: "the image overwrites whatever is on the root disk",
    after,
    run: async ({ stack, management }) => judgeWiping(stack, await management.hosts()),
  }),
  definePreflight({
    id: "hosts/registered-once",
    summary: "No other BareMetalHost has the BMC or boot MAC address of a host.",
    why: "two BareMetalHosts with one BMC power each other's server on and off",
    after,
    run: async ({ stack, management }) => judgeRegisteredOnce(stack, await management.hostsEverywhere()),
  }),
  definePreflight({
    id: "hosts/without-error",
    summary: "No host has an error.",
    why: "a host with an error is not chosen until it is repaired",
    after,
    run: async ({ stack, management }) => judgeErrors(stack, await management.hosts()),
  }),
  definePreflight({
    id: "hosts/selectable",
    summary: "Metal3 can choose the hosts.",
    why: "a paused, detached or unhealthy host is never chosen, and the wait for it has no end",
    after,
    run: async ({ stack, management }) => judgeSelectable(stack, await management.hosts()),
  }),
  definePreflight({
    id: "hosts/enough-can-serve",
    summary: "Every pool has enough hosts that can become machines.",
    why: "a machine without a host waits indefinitely",
    after,
    run: async ({ stack, management }) => judgeEnough(stack, await management.hosts()),
  }),
  definePreflight({
    id: "hosts/macs-found",
    summary: "Inspection found the declared MAC addresses.",
    why: "a server that boots from another port than the declared one is not recognized",
    after,
    run: async (context) => judgeMacs(context.stack, await hardware(context)),
  }),
  definePreflight({
    id: "hosts/port-names-found",
    summary: "No other port already has the declared name of a link.",
    why: "cloud-init gives each port its declared name; where another port already has it, the address may end up on the wrong one",
    after,
    run: async (context) => judgePortNames(context.stack, await hardware(context)),
  }),
  definePreflight({
    id: "hosts/root-disk-found",
    summary: "Inspection found one disk for the root device hints of each host.",
    why: "without a matching disk the image is not written, and of several the installer overwrites the first that it finds",
    after,
    run: async (context) => judgeRootDisks(context.stack, await hardware(context)),
  }),
  definePreflight({
    id: "hosts/control-plane-sized",
    summary: "Control plane hosts have enough CPUs and memory for kubeadm.",
    why: "kubeadm refuses a control plane machine that is too small, after the image was written",
    after,
    run: async (context) => judgeControlPlaneSize(context.stack, await hardware(context)),
  }),
  definePreflight({
    id: "hosts/installer-network-present",
    summary: "The Secrets with the installers' networks exist.",
    why: "a host without its installer's network cannot be registered",
    run: async ({ stack, management }) => {
      const names = [...new Set(stack.hosts.flatMap((host) => host.preprovisioningNetworkDataName ?? []))];
      const keys = await Promise.all(
        names.map(async (name) => [name, (await management.secretShape(name))?.keys ?? []] as const),
      );
      return judgeInstallerNetworks(stack, new Map(keys));
    },
  }),
  definePreflight({
    id: "hosts/login-secrets-present",
    summary: "The Secrets with the BMC logins exist.",
    why: "a host without its login cannot be registered",
    run: async ({ stack, management }) => {
      const names = existingSecrets(stack);
      const shapes = await Promise.all(
        names.map(async (name) => [name, await management.secretShape(name)] as const),
      );
      const found = shapes.flatMap(([name, of]) => (of === undefined ? [] : [[name, of] as const]));
      return judgeLoginSecrets(stack, new Map(found));
    },
  }),
];

async function hardware({ management }: PreflightContext): Promise<InspectedHosts> {
  const [hosts, data] = await Promise.all([management.hosts(), management.hardwareData()]);
  return hardwareOf([...hosts.values()], data);
}
