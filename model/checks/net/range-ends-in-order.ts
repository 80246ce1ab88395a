import { defineCheck } from "../check";
import { dynamicRanges } from "./dynamic-ranges";

export const rangeEndsInOrder = defineCheck({
  id: "net/range-ends-in-order",
  why: "a range that ends before it starts holds no address, and machines wait for one for ever",
  run: (stack) =>
    dynamicRanges(stack).flatMap(({ at, start, end, range }) =>
      range === undefined
        ? [
            {
              at: `${at}.end`,
              problem:
                start.family === end.family
                  ? `"${end.text}" is below start "${start.text}"`
                  : `"${end.text}" is IPv${end.family}, start "${start.text}" is IPv${start.family}`,
              fix:
                start.family === end.family
                  ? `write start: ${end.text}, end: ${start.text}`
                  : "write both ends in the family of network.nodes",
            },
          ]
        : [],
    ),
});
