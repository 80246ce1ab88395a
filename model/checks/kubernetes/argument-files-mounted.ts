import { defineCheck } from "../check";
import { componentsOf, mountedByKubeadm } from "./components";

export const argumentFilesMounted = defineCheck({
  id: "kubernetes/argument-files-mounted",
  why: "the components run in containers, which see only mounted paths: a file that is read is missing there and the control plane never starts; a log that is written is lost with the container",
  severity: "warning",
  run: (stack) =>
    componentsOf(stack).flatMap(({ name: component, extraArgs, extraVolumes }) =>
      Object.entries(extraArgs).flatMap(([flag, value]) => {
        const seen = [...mountedByKubeadm[component], ...extraVolumes.map(({ mountPath }) => mountPath)];
        if (!/^\/[^,\s]+$/.test(value) || seen.some((path) => isBelow(value, path))) return [];
        return [
          {
            at: `kubernetes.${component}.extraArgs.${flag}`,
            problem: `"${value}" is mounted into no container of ${component}`,
            fix:
              component === "etcd"
                ? "name a path below /var/lib/etcd"
                : `add it, or its folder, to kubernetes.${component}.extraVolumes${/log-path$/.test(flag) ? ", with readOnly: false" : ""}`,
          },
        ];
      }),
    ),
});

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder.replace(/\/+$/, "")}/`);
}
