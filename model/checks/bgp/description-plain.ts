import { defineCheck } from "../check";
import { descriptionForm, reservedWords } from "../../router/frr-line";
import { routersOf } from "./places";

export const descriptionPlain = defineCheck({
  id: "bgp/description-plain",
  acceptable: false,
  why: "what stands in a router's configuration must not be able to begin a line of its own",
  run: ({ bgp }) =>
    routersOf(bgp)
      .filter(({ router: { description: text } }) => {
        return text !== undefined && (!descriptionForm.test(text) || reservedWords.includes(text));
      })
      .map(({ router, at }) => ({
        at: `${at}.description`,
        problem: `${JSON.stringify(router.description)} does not fit into one line of FRR`,
        fix: "use at most 80 letters, digits, blanks and . _ : / @ ( ) + , = -",
      })),
});
