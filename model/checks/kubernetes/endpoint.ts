import {
  contains,
  isInNetwork,
  parseAddress,
  parseCidr,
  specialRangeOf,
  usableIn,
} from "../../net/addresses";
import { isEndpointByBgp } from "../../bgp/endpoint";
import { controlPlanePool } from "../../kubernetes/labels";
import { nodeNetworkOf, nodeNetworks } from "../../stack/host-networks";
import { listed } from "../../text/wording";
import { defaultKubeVipImage, supportedVersions } from "../../stack/supported-versions";
import { addressingOf, hostsForMachines } from "../../stack/addressing";
import { nodeLinkOf } from "../../plan/node-link";
import { type Check, defineCheck, duplicates } from "../check";
import { linksOf } from "../links/interfaces";
import { minorOf, versionOfImage } from "../../kubernetes/version";
import { greatest, least } from "../../text/numbers";
import { clusterNetworksWith } from "../net/networks";

/** Ports that other programs of a control plane machine listen on. */
const takenPorts: Readonly<Record<number, string>> = {
  22: "SSH",
  179: "BGP",
  2379: "etcd",
  2380: "etcd",
  2381: "etcd",
  4240: "Cilium",
  4244: "Hubble",
  9234: "Cilium's operator",
  9878: "Cilium's Envoy",
  9879: "Cilium",
  9890: "Cilium",
  9963: "Cilium's operator",
  10248: "the kubelet",
  10250: "the kubelet",
  10257: "the controller manager",
  10259: "the scheduler",
};

const domainName = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Checks of the control plane endpoint: its interface, port, kube-vip and certificate. */
export const endpointChecks: readonly Check[] = [
  defineCheck({
    id: "kubernetes/endpoint-interface-known",
    summary: "kube-vip has an interface, or a default route to derive it from.",
    why: "without an interface kube-vip uses that of the default route and exits where there is none: the endpoint never answers",
    run: (stack) => {
      const { provider, interface: nic } = stack.kubernetes.endpoint;
      const { gateway } = stack.network;
      const written = addressingOf(stack, controlPlanePool) !== "dhcp";
      const byArp = provider === "kube-vip" && !isEndpointByBgp(stack);
      if (!byArp || nic !== undefined || gateway !== undefined || !written) return [];
      const host = stack.hosts.find(({ pool }) => pool === controlPlanePool);
      const carrier = host === undefined ? undefined : nodeLinkOf(host);
      return {
        at: "kubernetes.endpoint.interface",
        problem: "kube-vip has no interface, and without network.gateway the machines have no default route",
        fix: `write ${carrier === undefined ? "the interface that carries the node's address" : `interface: ${carrier}`}, or add network.gateway`,
      };
    },
  }),
  defineCheck({
    id: "kubernetes/endpoint-interface-present",
    summary: "Every control plane host has the interface of the endpoint.",
    why: "kube-vip exits when its interface does not exist, so the endpoint never answers",
    run: (stack) => {
      const { endpoint } = stack.kubernetes;
      if (endpoint.provider !== "kube-vip" || endpoint.interface === undefined || isEndpointByBgp(stack)) {
        return [];
      }
      const nic = endpoint.interface;
      return hostsForMachines(stack, controlPlanePool).flatMap(({ name, links, bonds, vlans }) => {
        const known = [...links, ...bonds, ...vlans].map((link) => link.name);
        // Without links the names of the host's interfaces are known only after inspection.
        if (links.length === 0 || known.includes(nic)) return [];
        return {
          at: "kubernetes.endpoint.interface",
          problem: `hosts[${stack.hosts.findIndex((host) => host.name === name)}] (${name}) has no "${nic}", it has ${known.join(", ")}`,
          fix: `write ${known.at(-1) ?? "its interface"}, or give that host a link "${nic}"`,
        };
      });
    },
  }),
  defineCheck({
    id: "kubernetes/endpoint-interface-used",
    summary: "An endpoint that is external, or announced by BGP, has no interface setting.",
    why: "only kube-vip's ARP uses the interface: the address is not announced there",
    severity: "warning",
    run: (stack) => {
      const { provider, interface: nic } = stack.kubernetes.endpoint;
      const byBgp = isEndpointByBgp(stack);
      if (nic === undefined || (provider !== "external" && !byBgp)) return [];
      return {
        at: "kubernetes.endpoint.interface",
        problem: `"${nic}" has no effect with ${byBgp ? "bgp.endpoint" : "provider external"}`,
        fix: byBgp ? "remove it" : "remove it, or write provider: kube-vip",
      };
    },
  }),
  defineCheck({
    id: "links/endpoint-interface-carries-nodes",
    summary: "The endpoint's interface carries the node's address.",
    why: "kube-vip answers for the endpoint on another network than the endpoint's own, and no node receives the answer",
    run: (stack) => {
      const { provider, interface: nic } = stack.kubernetes.endpoint;
      if (provider !== "kube-vip" || nic === undefined || isEndpointByBgp(stack)) return [];
      return hostsForMachines(stack, controlPlanePool).flatMap((host) => {
        const carrier = nodeLinkOf(host);
        const known = linksOf(host, 0).some(({ name }) => name === nic);
        if (!known || carrier === undefined || carrier === nic) return [];
        return {
          at: "kubernetes.endpoint.interface",
          problem: `"${nic}" of ${host.name} does not carry the node's address, ${carrier} does`,
          fix: `write ${carrier}, or nodeLink: ${nic} for hosts[${stack.hosts.indexOf(host)}]`,
        };
      });
    },
  }),
  defineCheck({
    id: "kubernetes/endpoint-port-served",
    summary: "With kube-vip the endpoint has a port that is free on control plane machines.",
    why: "kube-vip forwards nothing, so the API servers listen on that port themselves, and do not start where another program does",
    acceptable: false,
    run: ({ kubernetes: { endpoint } }) => {
      const owner = takenPorts[endpoint.port];
      if (endpoint.provider === "external" || owner === undefined) return [];
      return {
        at: "kubernetes.endpoint.port",
        problem: `port ${endpoint.port} of control plane machines belongs to ${owner}`,
        fix: "write 6443, 443 or another free port",
      };
    },
  }),
  defineCheck({
    id: "kubernetes/endpoint-name-resolved",
    summary: "Machines can resolve the endpoint's name without the cluster.",
    why: "kubelets and kubeadm use the name from their first start on, before the cluster's own DNS runs",
    run: (stack) => {
      const { endpoint } = stack.kubernetes;
      const { serviceDomain } = stack.network;
      if (endpoint.name === undefined) return [];
      if (endpoint.name === serviceDomain || endpoint.name.endsWith(`.${serviceDomain}`)) {
        return {
          at: "kubernetes.endpoint.name",
          problem: `"${endpoint.name}" is in network.serviceDomain ${serviceDomain}, which the cluster's own DNS serves`,
          fix: "write a name that your name servers know",
        };
      }
      const lost = stack.hosts.find(
        (host) => addressingOf(stack, host.pool) !== "dhcp" && nodeNetworkOf(stack, host).dns.length === 0,
      );
      if (lost === undefined) return [];
      return {
        at: "kubernetes.endpoint.name",
        problem: `${lost.name} has no name server to resolve "${endpoint.name}"`,
        fix: "add network.dns, or remove the name: the address alone serves",
      };
    },
  }),
  defineCheck({
    id: "kubernetes/vip-image-pinned",
    summary: "The kube-vip image has a version or digest.",
    why: "machines created on different days would run different versions of kube-vip",
    severity: "warning",
    run: ({ kubernetes: { endpoint } }) => {
      const [, tag] = /^[^@]*?(?::([^:/@]+))?(@sha256:[0-9a-f]{64})?$/.exec(endpoint.kubeVipImage) ?? [];
      const pinned = endpoint.kubeVipImage.includes("@sha256:") || (tag !== undefined && tag !== "latest");
      if (endpoint.provider !== "kube-vip" || pinned) return [];
      return {
        at: "kubernetes.endpoint.kubeVipImage",
        problem: `"${endpoint.kubeVipImage}" has no version`,
        fix: `add one, such as ${defaultKubeVipImage}`,
      };
    },
  }),
  defineCheck({
    id: "kubernetes/vip-image-supported",
    summary: "The kube-vip version is within the range that was tested.",
    why: "the static pod is written for the tested releases; others read other variables and may never bring up the endpoint",
    severity: "warning",
    run: ({ kubernetes: { endpoint } }) => {
      const version = versionOfImage(endpoint.kubeVipImage);
      if (endpoint.provider !== "kube-vip" || version === undefined) return [];
      const minors = supportedVersions.kubeVip.tried.map(minorOf);
      const minor = minorOf(version);
      if (minor >= least(minors) && minor <= greatest(minors)) return [];
      return {
        at: "kubernetes.endpoint.kubeVipImage",
        problem: `kube-vip v${version} is outside the tested range, ${supportedVersions.kubeVip.tried.join(" to ")}`,
        fix: `write the tag ${supportedVersions.kubeVip.default}, or test this one on a spare server and accept this`,
      };
    },
  }),
  defineCheck({
    id: "kubernetes/certificate-names-form",
    summary: "Certificate names are host names or addresses.",
    why: "kubeadm init fails at a name that it cannot put into the certificate, and there is no control plane",
    run: ({ kubernetes: { certificateNames } }) =>
      certificateNames.flatMap((name, i) => {
        if (domainName.test(name) || parseAddress(name) !== undefined) return [];
        const bare = name
          .trim()
          .toLowerCase()
          .replace(/^[a-z]+:\/\//, "")
          .replace(/(:\d+)?(\/.*)?$/, "");
        return {
          at: `kubernetes.certificateNames[${i}]`,
          problem: `"${name}" is neither a host name nor an address`,
          fix: `write ${domainName.test(bare) ? bare : "one such as api.example.com"}`,
        };
      }),
  }),
  defineCheck({
    id: "kubernetes/certificate-names-unique",
    summary: "Each certificate name is listed once.",
    why: "a duplicate usually replaces the name that was meant, whose clients are then refused",
    severity: "warning",
    run: ({ kubernetes: { certificateNames, endpoint } }) =>
      duplicates(
        [
          { at: "kubernetes.endpoint.host", text: endpoint.host },
          ...(endpoint.name === undefined ? [] : [{ at: "kubernetes.endpoint.name", text: endpoint.name }]),
          ...certificateNames.map((text, i) => ({ at: `kubernetes.certificateNames[${i}]`, text })),
        ],
        "remove it",
        (name) => name.toLowerCase(),
      ),
  }),
];

/** Checks of the control plane endpoint's address. */
export const endpointAddressChecks: readonly Check[] = [
  defineCheck({
    id: "net/endpoint-in-node-network",
    summary:
      "The control plane endpoint is inside the node network unless it is external or announced by BGP.",
    why: "kube-vip moves the endpoint between machines by ARP, which no router forwards, and nodes reach it without a router only inside their own network",
    run: (stack) => {
      const { endpoint: given } = stack.kubernetes;
      const endpoint = parseAddress(given.host);
      if (given.provider === "external" || isEndpointByBgp(stack) || endpoint === undefined) return [];
      if (specialRangeOf(endpoint) !== undefined) return [];
      const own = stack.hosts
        .filter(({ pool }) => pool === controlPlanePool)
        .map((host) => ({ name: host.name, network: nodeNetworkOf(stack, host) }));
      const outside = own.filter(({ network }) => {
        const nodes = parseCidr(network.nodes);
        return nodes !== undefined && !contains(nodes, endpoint);
      });
      const [first] = outside;
      if (first === undefined) return [];
      const inside = own.length - outside.length;
      return {
        at: "kubernetes.endpoint.host",
        problem:
          inside === 0
            ? `${endpoint.text} is outside ${first.network.at}.nodes ${first.network.nodes}`
            : `${endpoint.text} is outside the network of ${listed(outside.map(({ name, network }) => `${name} (${network.nodes})`))}`,
        fix:
          inside === 0
            ? `choose a free address inside ${first.network.nodes}`
            : "let kube-vip announce it by BGP (bgp.endpoint), or write provider: external and the address of a load balancer, or put the control plane hosts into one rack",
      };
    },
  }),
  defineCheck({
    id: "net/endpoint-outside-pods",
    summary:
      "A control plane endpoint that is external, or announced by BGP, is outside the cluster's own networks.",
    why: "Cilium needs the API server before it routes pod and service addresses, so it would wait for itself",
    acceptable: false,
    run: (stack) => {
      const endpoint = parseAddress(stack.kubernetes.endpoint.host);
      const byArp = stack.kubernetes.endpoint.provider === "kube-vip" && !isEndpointByBgp(stack);
      if (endpoint === undefined || byArp) return [];
      return clusterNetworksWith(stack, endpoint).map(({ at, text }) => ({
        at: "kubernetes.endpoint.host",
        problem: `"${endpoint.text}" is inside ${at} ${text}`,
        fix: "write an address outside the cluster's own networks",
      }));
    },
  }),
  defineCheck({
    id: "net/endpoint-usable",
    summary: "The control plane endpoint is an address that a machine can have.",
    why: "no machine can answer on a loopback, multicast, network or broadcast address, so the cluster never has an API",
    acceptable: false,
    run: (stack) => {
      const endpoint = parseAddress(stack.kubernetes.endpoint.host);
      const around = nodeNetworks(stack).find(({ nodes }) =>
        isInNetwork(stack.kubernetes.endpoint.host, nodes),
      );
      const { at, nodes: cidr } = around ?? { at: "network", nodes: stack.network.nodes };
      const nodes = parseCidr(cidr);
      if (endpoint === undefined || nodes === undefined) return [];
      const special = specialRangeOf(endpoint);
      const edge = contains(nodes, endpoint) && !contains(usableIn(nodes), endpoint);
      const what =
        special?.name ??
        (edge ? (endpoint.first === nodes.first ? "network address" : "broadcast address") : "");
      if (what === "") return [];
      return {
        at: "kubernetes.endpoint.host",
        problem: `"${endpoint.text}" is ${special === undefined ? `the ${what} of ${at}.nodes ${nodes.text}` : what}`,
        fix: `choose a free address inside ${nodes.text}`,
      };
    },
  }),
];
