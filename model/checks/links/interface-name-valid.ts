import { defineCheck } from "../check";
import { linksOf } from "./host-links";

/** Linux: IFNAMSIZ is 16 with the closing zero; no slash, no colon, no blank, neither . nor .. */
const interfaceName = /^(?!\.{1,2}$)[^\s/:]{1,15}$/;

export const interfaceNameValid = defineCheck({
  id: "links/interface-name-valid",
  why: "the kernel refuses the name, and the machine boots without that interface",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) =>
      linksOf(host, i).flatMap(({ at, name }) =>
        interfaceName.test(name)
          ? []
          : [
              {
                at: `${at}.name`,
                problem: `"${name}" is no interface name${name.length > 15 ? `: it has ${name.length} characters of at most 15` : ""}`,
                fix: "use at most 15 characters without blanks, slashes and colons, such as bond0.250",
              },
            ],
      ),
    ),
});
