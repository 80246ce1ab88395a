import { defineCheck } from "../check";

const name = /^[a-z0-9]([-a-z0-9_.]{0,61}[a-z0-9])?$/i;
const domain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const labelSyntax = defineCheck({
  id: "hosts/label-syntax",
  why: "the API server refuses the BareMetalHost",
  run: ({ hosts }) =>
    hosts.flatMap(({ labels }, i) =>
      Object.entries(labels).flatMap(([key, value]) => {
        const at = `hosts[${i}].labels`;
        return [
          ...(isKey(key)
            ? []
            : [
                {
                  at,
                  problem: `"${key}" is no label name`,
                  fix: "write a name of at most 63 letters, digits, dashes, dots, with a domain before it: example.com/rack",
                },
              ]),
          ...(value === "" || name.test(value)
            ? []
            : [
                {
                  at,
                  problem: `"${value}" of ${key} is no label value`,
                  fix: "use at most 63 letters, digits, dashes and dots, with a letter or digit at both ends",
                },
              ]),
        ];
      }),
    ),
});

function isKey(key: string): boolean {
  const [last = "", prefix, ...more] = key.split("/").reverse();
  return more.length === 0 && name.test(last) && (prefix === undefined || domain.test(prefix));
}
