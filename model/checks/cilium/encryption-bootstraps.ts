import { defineCheck } from "../check";
import { isOn, value } from "./user-values";

export const encryptionBootstraps = defineCheck({
  id: "cilium/encryption-bootstraps",
  why: "agents wait for keys that nobody has made yet, before the first node is ready",
  acceptable: false,
  run: (stack) =>
    isOn(value(stack, "encryption.enabled")) && (value(stack, "encryption.type") ?? "ipsec") === "ipsec"
      ? [
          {
            at: "cilium.values.encryption.type",
            problem: "ipsec mounts the Secret cilium-ipsec-keys, which does not exist in a new cluster",
            fix: "write wireguard, whose keys the agents make themselves",
          },
        ]
      : [],
});
