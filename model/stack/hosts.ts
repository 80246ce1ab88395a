import { z } from "zod";
import { address, interfaceName, mtu, objectName, secretText, stringMap, whole } from "./primitives";

const credentials = {
  username: z.string().min(1).describe("User of the BMC.").optional(),
  password: secretText().describe("Password of the BMC; encrypted in the stack file.").optional(),
  existingSecret: objectName()
    .describe(
      "Name of a Secret with the keys username and password, in the stack's namespace, instead of both; each host gets a copy, and pulumi up copies again.",
    )
    .optional(),
};

/** BMC login that holds for every host that has none of its own. */
export const bmcDefaults = z
  .strictObject(credentials)
  .describe("BMC login for hosts without one of their own.");

const bmc = z.strictObject({
  address: z
    .string()
    .min(1)
    .describe("BMC URL, such as redfish-virtualmedia://10.250.251.11/redfish/v1/Systems/1."),
  verifyCertificate: z.boolean().default(true).describe("Verify the BMC's TLS certificate."),
  ...credentials,
});

const rootDeviceHints = z.strictObject({
  deviceName: z
    .string()
    .describe("Linux device name or by-path link; /dev/sda may change between boots.")
    .optional(),
  hctl: z.string().describe("SCSI address, such as 3:0:0:0.").optional(),
  model: z.string().describe("Vendor's model name, or a part of it.").optional(),
  vendor: z.string().describe("Vendor's name, or a part of it.").optional(),
  serialNumber: z.string().describe("Serial number of the disk.").optional(),
  minSizeGigabytes: whole(1, 1_000_000).describe("Least size of the disk, in gigabytes.").optional(),
  wwn: z.string().describe("World wide name of the disk.").optional(),
  wwnWithExtension: z.string().describe("World wide name with the vendor's extension.").optional(),
  wwnVendorExtension: z.string().describe("The vendor's extension alone.").optional(),
  rotational: z.boolean().describe("true: a spinning disk; false: an SSD.").optional(),
});

const ethernet = z.strictObject({
  name: interfaceName().describe(
    "Interface name inside the installed system, such as eno1; cloud-init renames the port.",
  ),
  mac: z.string().describe("MAC address of the port."),
  mtu: mtu().describe("MTU in bytes; the system's default when left out.").optional(),
});

const bond = z.strictObject({
  name: interfaceName().describe("Interface name of the bond: bond0, bond1 and so on, in order."),
  mode: z
    .enum([
      "balance-rr",
      "active-backup",
      "balance-xor",
      "broadcast",
      "balance-tlb",
      "balance-alb",
      "802.3ad",
    ])
    .describe("Bonding mode; 802.3ad needs LACP on the switch."),
  links: z.array(z.string()).min(1).describe("Names of the links that form the bond."),
  transmitHashPolicy: z
    .enum(["layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac"])
    .describe("What spreads traffic over the links; for balance-xor, 802.3ad and balance-tlb.")
    .optional(),
  miimon: whole(1, 10_000)
    .meta({ unit: "milliseconds" })
    .default(100)
    .describe("Link monitoring interval, milliseconds; without effect where arpInterval is set."),
  upDelay: whole(0, 600_000)
    .meta({ unit: "milliseconds" })
    .describe("How long a port must be up before the bond uses it; a multiple of miimon.")
    .optional(),
  downDelay: whole(0, 600_000)
    .meta({ unit: "milliseconds" })
    .describe("How long a port must be down before the bond leaves it; a multiple of miimon.")
    .optional(),
  lacpRate: z
    .enum(["slow", "fast"])
    .describe("802.3ad: LACP packets every 30 seconds (slow) or every second (fast).")
    .optional(),
  adSelect: z
    .enum(["stable", "bandwidth", "count"])
    .describe("802.3ad: which of several aggregators is used.")
    .optional(),
  minLinks: whole(1, 64).describe("802.3ad: ports that must be up for the bond to be up.").optional(),
  primary: z
    .string()
    .min(1)
    .describe("active-backup, balance-tlb, balance-alb: the port that is used while it is up.")
    .optional(),
  primaryReselect: z
    .enum(["always", "better", "failure"])
    .describe("When the primary port is used again after it came back.")
    .optional(),
  failOverMac: z
    .enum(["none", "active", "follow"])
    .describe("active-backup: which MAC addresses the ports have.")
    .optional(),
  gratuitousArp: whole(0, 255)
    .describe("active-backup: announcements of the bond's addresses after a failover.")
    .optional(),
  arpInterval: whole(1, 60_000)
    .meta({ unit: "milliseconds" })
    .describe("Monitors ports by ARP instead of their link state: milliseconds between two requests.")
    .optional(),
  arpTargets: z
    .array(address())
    .max(16)
    .default([])
    .describe("IPv4 addresses that the ARP monitoring asks for."),
  arpValidate: z
    .enum(["none", "active", "backup", "all"])
    .describe("Which ports' ARP replies are validated.")
    .optional(),
  mtu: mtu().describe("MTU in bytes; the system's default when left out.").optional(),
});

const vlan = z.strictObject({
  name: interfaceName().describe(
    "Interface name of the VLAN: its link's name, a dot and its id, such as bond0.250.",
  ),
  id: whole(1, 4094).describe("VLAN id."),
  link: z.string().min(1).describe("The link or bond that carries it."),
  mtu: mtu().describe("MTU in bytes; the system's default when left out.").optional(),
});

const hardwareVolume = z.strictObject({
  level: z.enum(["0", "1", "2", "5", "6", "1+0", "5+0", "6+0"]).describe("RAID level, quoted."),
  name: z.string().max(64).describe("Name of the volume; unique on its host.").optional(),
  sizeGibibytes: whole(1, 1_000_000).describe("Size in GiB; the largest possible when left out.").optional(),
  rotational: z.boolean().describe("true: spinning disks only; false: SSDs only.").optional(),
  numberOfPhysicalDisks: whole(1, 256)
    .describe("Number of disks; the level's least when left out.")
    .optional(),
  controller: z.string().min(1).describe("The controller's name, as the BMC calls it.").optional(),
  physicalDisks: z.array(z.string().min(1)).describe("Names of the disks, as the BMC calls them.").optional(),
});

const softwareVolume = z.strictObject({
  level: z
    .enum(["0", "1", "1+0"])
    .describe("RAID level, quoted; the first volume, which gets the image, must be 1."),
  sizeGibibytes: whole(1, 1_000_000).describe("Size in GiB; the largest possible when left out.").optional(),
  physicalDisks: z
    .array(rootDeviceHints)
    .min(2)
    .describe("Hints of the disks that form it; all when left out.")
    .optional(),
});

const raid = z.strictObject({
  hardwareRAIDVolumes: z
    .array(hardwareVolume)
    .min(1)
    .describe("Volumes of the RAID controller, made before the image is written.")
    .optional(),
  softwareRAIDVolumes: z
    .array(softwareVolume)
    .min(1)
    .max(2)
    .describe("Volumes of Linux, made before the image is written.")
    .optional(),
});

const hostNetwork = z.strictObject({
  name: objectName().describe("Name of the network in network.additional."),
  link: interfaceName()
    .describe("The link, bond or VLAN that carries it, instead of the network's own link.")
    .optional(),
  addresses: z
    .array(address())
    .max(2)
    .default([])
    .describe("The host's address in each CIDR of the network; none where the machine's come from pools."),
});

/** One server of the inventory. */
export const host = z.strictObject({
  name: objectName().describe("Name of the BareMetalHost; never rename a host that runs: a rename wipes it."),
  pool: objectName().describe("control-plane, or the name of a worker pool."),
  mac: z.string().describe("MAC address of the port that boots from the network."),
  bmc: bmc.describe("Its baseboard management controller."),
  address: address()
    .describe("Fixed address of the node in the node network; without one: pool or DHCP.")
    .optional(),
  secondaryAddress: address()
    .describe("Fixed address of the node in the second family (network.secondary).")
    .optional(),
  preprovisioningNetworkDataName: objectName()
    .describe(
      "Name of a Secret of yours with the installer's network (key networkData), instead of network.installer.",
    )
    .optional(),
  online: z
    .boolean()
    .default(true)
    .describe("false: switched off and out of service; its pool does not count it, and no machine gets it."),
  externallyProvisioned: z
    .boolean()
    .default(false)
    .describe(
      "true: it runs a system that is not this stack's; its power is managed, its disks are left alone, and its pool does not count it.",
    ),
  bootMode: z.enum(["UEFI", "UEFISecureBoot", "legacy"]).default("UEFI").describe("How the server boots."),
  rootDeviceHints: rootDeviceHints.describe("Which disk gets the image.").optional(),
  raid: raid
    .describe("Volumes that are made when the host is prepared; a change waits for its next release.")
    .optional(),
  architecture: z
    .enum(["x86_64", "aarch64"])
    .describe("Architecture of the processor; x86_64 when left out.")
    .optional(),
  description: z.string().min(1).describe("A note about the server, kept on its BareMetalHost.").optional(),
  links: z.array(ethernet).default([]).describe("Network ports; the booting one alone when left out."),
  bonds: z.array(bond).default([]).describe("Bonds over the links."),
  vlans: z.array(vlan).default([]).describe("Tagged VLANs over links or bonds."),
  networks: z.array(hostNetwork).default([]).describe("Networks of network.additional that the host is in."),
  nodeLink: z
    .string()
    .describe(
      "The link, bond or VLAN that carries the node's address; left out: the last VLAN or bond, else the booting port.",
    )
    .optional(),
  labels: stringMap().default({}).describe("Further labels of the BareMetalHost, in your own domain."),
  failureDomain: objectName().describe("Rack or room, preferred evenly by the control plane.").optional(),
  cleaning: z.enum(["metadata", "disabled"]).default("metadata").describe("What is wiped on release."),
});
