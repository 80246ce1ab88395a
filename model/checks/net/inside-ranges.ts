import { type AddressRange, contains } from "../../addresses/range";
import type { Stack } from "../../config/schema";
import type { CheckResult } from "../check";
import { dynamicRanges } from "./dynamic-ranges";

/** A finding for each of the addresses that lies in the address pool or the DHCP range. */
export function insideRanges(
  stack: Stack,
  addresses: readonly { readonly at: string; readonly address: AddressRange | undefined }[],
): readonly CheckResult[] {
  return dynamicRanges(stack).flatMap(({ at: rangeAt, range }) =>
    addresses.flatMap(({ at, address }) =>
      range !== undefined && address !== undefined && contains(range, address)
        ? [
            {
              at,
              problem: `"${address.text}" lies in ${rangeAt} ${range.text}`,
              fix: `choose an address outside it, or shorten ${rangeAt}`,
            },
          ]
        : [],
    ),
  );
}
