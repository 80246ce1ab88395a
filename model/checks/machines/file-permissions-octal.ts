import { defineCheck } from "../check";
import { ofEachMachines } from "./each-machines";

export const filePermissionsOctal = defineCheck({
  id: "machines/file-permissions-octal",
  why: "cloud-init stops at permissions that it cannot read, before kubeadm runs",
  run: ofEachMachines(({ machines }) =>
    machines.files.flatMap(({ permissions }, i) =>
      /^[0-7]{3,4}$/.test(permissions)
        ? []
        : [
            {
              at: `machines.files[${i}].permissions`,
              problem: `"${permissions}" are no octal permissions`,
              fix: 'write them quoted, such as "0644" or "0755"',
            },
          ],
    ),
  ),
});
