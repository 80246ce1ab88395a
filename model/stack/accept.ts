import { z } from "zod";
import { day, filled, oneLine } from "./primitives";

/** Findings that a stack lives with: by id, each with a reason, some only until a day. */
export const accept = z.array(
  z.strictObject({
    id: filled("id of a check", "hosts/bmc-address-unique").describe(
      "Id of the check whose findings are accepted.",
    ),
    at: z
      .string()
      .describe("Only its finding at this place, such as hosts[2].bmc.address; all of them when left out.")
      .optional(),
    reason: oneLine("reason of one line", '"carrier-assigned, NET-212"').describe(
      "Why it is meant to stay, for the next reader.",
    ),
    until: day().describe("Last day on which it is accepted; for ever when left out.").optional(),
  }),
);
