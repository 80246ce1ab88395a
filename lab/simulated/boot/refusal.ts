/** A first boot that ends as it would on a real machine: cloud-init or kubeadm gives up, and no retry helps. */
export class BootRefused extends Error {}
