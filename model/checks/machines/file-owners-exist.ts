import { defineCheck } from "../check";
import { ofEachMachines } from "./each-machines";

export const fileOwnersExist = defineCheck({
  id: "machines/file-owners-exist",
  why: "cloud-init writes files before it makes users, and an owner that is not there yet ends it before kubeadm runs",
  run: ofEachMachines(({ machines }) =>
    machines.files.flatMap(({ owner }, i) => {
      const [user = ""] = owner.split(":");
      const made = machines.users.findIndex(({ name }) => name === user);
      const problem =
        made >= 0
          ? `"${user}" of machines.users[${made}] does not exist yet when files are written`
          : /^[a-z_][-a-z0-9_]*(:[a-z_][-a-z0-9_]*)?$/.test(owner)
            ? undefined
            : `"${owner}" is no owner`;
      if (problem === undefined) return [];
      return [
        {
          at: `machines.files[${i}].owner`,
          problem,
          fix: "write root:root, and change the owner in machines.preKubeadmCommands",
        },
      ];
    }),
  ),
});
