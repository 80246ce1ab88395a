import type { Host } from "../../stack/schema";
import { addressingOf, hostsInService, hostsOf, isInService } from "../../stack/addressing";
import { machinePools, poolMachines, poolText } from "../../plan/machines";
import { imageOf } from "../../plan/images";
import { controlPlanePool } from "../../kubernetes/labels";
import { type Check, defineCheck, duplicates } from "../check";
import { listed } from "../../text/wording";
import { bootsOverNetwork } from "../../stack/bmc";
import { hostSecretNames } from "../../plan/manifests/hosts";
import { installerNetwork } from "../../plan/manifests/network-data";
import { nodeLinkOf } from "../../plan/node-link";

const architectureOf = ({ architecture = "x86_64" }: Host): string => architecture;

/** Checks of the inventory: names, pools, images and failure domains of hosts. */
export const inventoryChecks: readonly Check[] = [
  defineCheck({
    id: "hosts/names-unique",
    summary: "Every host has a distinct name.",
    why: "two hosts with the same name are one object",
    run: ({ hosts }) =>
      duplicates(
        hosts.map(({ name: text }, i) => ({ text, at: `hosts[${i}].name` })),
        "correct one of the two",
      ),
  }),
  defineCheck({
    id: "hosts/secret-names-unique",
    summary: "No two hosts have a Secret of the same name.",
    why: "of two Secrets with one name only one can exist, so the preview fails, or a server gets the network of another",
    acceptable: false,
    run: (stack) => {
      const hosts = new Map(stack.hosts.map((host) => [host.name, host]));
      return stack.hosts.flatMap((host, i) => {
        const other = hosts.get(host.name.replace(/-installer$/, ""));
        if (other === undefined || other.name === host.name) return [];
        const names = hostSecretNames(stack, other);
        const shared = hostSecretNames(stack, host).find((name) => names.includes(name));
        if (shared === undefined) return [];
        return {
          at: `hosts[${i}].name`,
          problem: `the network of ${host.name} and that of the installer of ${other.name} are both in Secret "${shared}"`,
          fix: "write a name that does not end in -installer",
        };
      });
    },
  }),
  defineCheck({
    id: "hosts/name-not-uuid",
    summary: "No host name looks like a UUID.",
    why: "Metal3 refuses names that look like a UUID",
    run: ({ hosts }) =>
      hosts.flatMap(({ name }, i) =>
        /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(name)
          ? {
              at: `hosts[${i}].name`,
              problem: `"${name}" looks like a UUID`,
              fix: "choose another name, such as cp-1",
            }
          : [],
      ),
  }),
  defineCheck({
    id: "hosts/pool-exists",
    summary: "Every host belongs to an existing pool.",
    why: "a host in an unknown pool never becomes a machine",
    run: (stack) => {
      const pools = new Set(machinePools(stack).map(({ name }) => name));
      return stack.hosts.flatMap(({ pool }, i) =>
        pools.has(pool)
          ? []
          : {
              at: `hosts[${i}].pool`,
              problem: `there is no pool "${pool}"`,
              fix: `use one of ${listed([...pools])}`,
            },
      );
    },
  }),
  defineCheck({
    id: "hosts/enough-per-pool",
    summary: "Every pool has a host in service for each of its machines.",
    why: "a machine without a host waits indefinitely",
    run: (stack) =>
      poolMachines(stack).flatMap(({ countAt: at, pool, failureDomain, replicas }) => {
        const hosts = hostsInService(stack, pool, failureDomain).length;
        if (hosts >= replicas) return [];
        const without = hostsOf(stack, pool).filter(
          (host) =>
            !isInService(host) && (failureDomain === undefined || host.failureDomain === failureDomain),
        );
        const among =
          without.length === 0
            ? ""
            : `, without ${listed(without.map(({ name }) => name))} (${without.some(({ online }) => !online) ? "online: false" : "externallyProvisioned: true"})`;
        const fewer = failureDomain === undefined ? `write ${hosts}` : "write a smaller number";
        return {
          at,
          problem: `${replicas} machines of pool ${poolText(pool, failureDomain)} need as many hosts, there are ${hosts}${among}`,
          fix: `add ${replicas - hosts} to hosts, or ${fewer}`,
        };
      }),
  }),
  defineCheck({
    id: "hosts/pool-addressing-uniform",
    summary: "Either all hosts of a pool have a fixed address, or none has.",
    why: "all machines of a pool are created from one template, which either reads a fixed address or does not",
    run: (stack) =>
      machinePools(stack).flatMap(({ name: pool }) => {
        const hosts = hostsOf(stack, pool);
        const without = hosts.filter(({ address }) => address === undefined);
        if (without.length === 0 || without.length === hosts.length) return [];
        return {
          at: "hosts",
          problem: `in pool ${pool}, ${listed(without.map(({ name }) => name))} has no address and others have one`,
          fix: "give every host of the pool an address, or none",
        };
      }),
  }),
  defineCheck({
    id: "hosts/architecture-has-image",
    summary: "All hosts that share an image have the same CPU architecture.",
    why: "an image holds programs of one architecture: on a server of another one it is written and does not boot",
    run: (stack) => {
      const first = new Map<string, Host>();
      return stack.hosts.flatMap((host, i) => {
        if (host.externallyProvisioned) return [];
        const { url } = imageOf(stack, host.pool);
        const other = first.get(url);
        if (other === undefined) first.set(url, host);
        if (other === undefined || architectureOf(other) === architectureOf(host)) return [];
        return {
          at: `hosts[${i}].architecture`,
          problem: `${host.name} is ${architectureOf(host)} and gets the image of ${other.name}, which is ${architectureOf(other)}`,
          fix: "assign the host to a worker pool with an image of its architecture (workers[].image)",
        };
      });
    },
  }),
  defineCheck({
    id: "hosts/failure-domains-complete",
    summary: "Either all control plane hosts have a failure domain, or none has.",
    why: "the control plane is spread over the named domains first, and a host without one is used only when no other is left",
    severity: "warning",
    run: (stack) => {
      const hosts = hostsOf(stack, controlPlanePool);
      const without = hosts.filter(({ failureDomain }) => failureDomain === undefined);
      if (without.length === 0 || without.length === hosts.length) return [];
      return stack.hosts.flatMap((host, i) =>
        host.pool !== controlPlanePool || host.failureDomain !== undefined
          ? []
          : {
              at: `hosts[${i}].failureDomain`,
              problem: `${host.name} has no failure domain, other control plane hosts have one`,
              fix: "name its rack or room",
            },
      );
    },
  }),
  defineCheck({
    id: "hosts/control-plane-spread",
    summary: "No failure domain holds most of the control plane where that can be avoided.",
    why: "the whole cluster stops when the room or rack with most etcd members loses power",
    severity: "warning",
    run: (stack) => {
      const named = hostsInService(stack, controlPlanePool).flatMap(
        ({ failureDomain }) => failureDomain ?? [],
      );
      const all = new Set(stack.hosts.flatMap(({ failureDomain }) => failureDomain ?? []));
      const used = new Map<string, number>();
      for (const domain of named) used.set(domain, (used.get(domain) ?? 0) + 1);
      const members = stack.controlPlane.replicas;
      const [crowded, count] = [...used].find(([, hosts]) => hosts > members / 2) ?? [];
      // With two domains one of them always holds the majority.
      const avoidable = used.size === 1 || all.size > 2;
      if (members < 3 || crowded === undefined || !avoidable) return [];
      return {
        at: "hosts",
        problem: `${crowded} holds ${count} of ${named.length} control plane hosts`,
        fix: "choose control plane hosts from three failure domains, or at least two",
      };
    },
  }),
];

/** Checks of how the installer gets an address. */
export const installerChecks: readonly Check[] = [
  defineCheck({
    id: "hosts/installer-addressed",
    summary: "The installer has a way to get an address on the host.",
    why: "the installer does not get the node's address automatically: without DHCP on the boot port the host stays in inspecting until Ironic times out, and again at provisioning and cleaning",
    severity: "warning",
    run: (stack) => {
      const { installer, dhcpRange } = stack.network;
      if (installer !== undefined || dhcpRange !== undefined) return [];
      const silent = stack.hosts.filter(
        ({ bmc, pool, preprovisioningNetworkDataName, externallyProvisioned }) => {
          if (externallyProvisioned) return false;
          // A host that boots over PXE, or whose node uses DHCP, has a DHCP server already.
          const media = !bootsOverNetwork(bmc.address);
          return (
            media && preprovisioningNetworkDataName === undefined && addressingOf(stack, pool) !== "dhcp"
          );
        },
      );
      if (silent.length === 0) return [];
      const [first] = silent;
      const others = silent.length === 1 ? "" : ` and ${silent.length - 1} more`;
      return {
        at: "network.installer",
        problem: `no setting gives the installer of ${first?.name}${others} an address: the nodes' addresses reach the installed system only`,
        fix: "write installer: static (the node's address, by virtual media), or installer: dhcp where a DHCP server answers on hosts[].mac",
      };
    },
  }),
  defineCheck({
    id: "hosts/installer-static-possible",
    summary: "With installer: static every host has a fixed address on its boot port.",
    why: "the installer has only the boot port and comes up without an address: the host stays in inspecting",
    run: (stack) =>
      stack.hosts.flatMap((host, i) => {
        const { name, pool, bmc, mac, preprovisioningNetworkDataName: own } = host;
        if (host.externallyProvisioned) return [];
        const addressing = addressingOf(stack, pool);
        if (stack.network.installer !== "static" || own !== undefined || addressing === "dhcp") return [];
        if (bootsOverNetwork(bmc.address)) return [];
        if (installerNetwork(stack, host) !== undefined) return [];
        return {
          at: `hosts[${i}]`,
          problem:
            addressing === "pool"
              ? `network.installer is static, and ${name} has no fixed address for the installer`
              : `network.installer is static, and ${nodeLinkOf(host)} of ${name} is not on the boot port, ${mac}`,
          fix: "add the network on the boot port to network.additional and hosts[].networks, or a Secret with the installer's network (preprovisioningNetworkDataName), or write network.installer: dhcp",
        };
      }),
  }),
];
