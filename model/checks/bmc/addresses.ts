import { type AddressRange, parseAddress } from "../../addresses/range";
import { parseBmcAddress } from "../../bmc/address";
import type { Stack } from "../../config/schema";

/** The BMCs that are named by an address, not by a name. */
export function bmcAddresses({
  hosts,
}: Stack): readonly { readonly at: string; readonly address: AddressRange }[] {
  return hosts.flatMap(({ bmc }, i) => {
    const address = parseAddress(parseBmcAddress(bmc.address)?.host ?? "");
    return address === undefined ? [] : [{ at: `hosts[${i}].bmc.address`, address }];
  });
}
