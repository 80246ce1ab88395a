import { canonicalCidr } from "../../addresses/range";
import { defineCheck } from "../check";
import { networksOf } from "./networks";

export const cidrsCanonical = defineCheck({
  id: "net/cidrs-canonical",
  why: "a network with host bits set is read differently by kubeadm, Cilium and the router",
  run: (stack) =>
    networksOf(stack).flatMap(({ at, text }) => {
      const canonical = canonicalCidr(text);
      if (canonical === undefined || canonical === text) return [];
      return [{ at, problem: `"${text}" has host bits set`, fix: `write ${canonical}` }];
    }),
});
