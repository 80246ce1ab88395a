import { defineCheck } from "../check";

export const mirrorsRead = defineCheck({
  id: "machines/mirrors-read",
  why: "mirrors are written as containerd reads them; CRI-O reads other files, and pulls from the registry itself",
  run: ({ machines: { containerRuntime, registryMirrors } }) => {
    const registries = Object.keys(registryMirrors);
    if (containerRuntime === "containerd" || registries.length === 0) return [];
    return [
      {
        at: "machines.registryMirrors",
        problem: `mirrors of ${registries.join(", ")} reach no ${containerRuntime}`,
        fix: "write /etc/containers/registries.conf.d/mirrors.conf with machines.files instead, and remove them here",
      },
    ];
  },
});
