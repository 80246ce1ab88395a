import { passwordForm, reservedWords } from "../../router/frr-line";
import { defineCheck } from "../check";
import { peersOf } from "./places";

export const passwordPlain = defineCheck({
  id: "bgp/password-plain",
  acceptable: false,
  why: "TCP MD5 takes at most 80 bytes, and a password must reach both ends as the same bytes of one line",
  run: ({ bgp }, secrets) =>
    peersOf(bgp).flatMap(({ at }) => {
      const password = secrets?.get(`${at}.password`);
      if (password === undefined) return [];
      const bytes = new TextEncoder().encode(password).length;
      if (passwordForm.test(password) && !reservedWords.includes(password)) return [];
      return [
        {
          at: `${at}.password`,
          problem:
            bytes > 80
              ? `the password has ${bytes} bytes`
              : "the password holds a blank, a control character, one of ! \" # ' ? \\ `, or is a word that ends a block",
          fix: "use up to 80 letters, digits and . _ : / @ ( ) + , = ~ ^ * % $ & ; | < > [ ] { } -",
        },
      ];
    }),
});
