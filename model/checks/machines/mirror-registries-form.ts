import { defineCheck } from "../check";

export const mirrorRegistriesForm = defineCheck({
  id: "machines/mirror-registries-form",
  why: "containerd looks for a folder named after the registry's host, and never finds another one",
  run: ({ machines }) =>
    Object.keys(machines.registryMirrors).flatMap((registry) => {
      if (
        registry === "_default" ||
        /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:\d+)?$/.test(registry)
      )
        return [];
      const host = registry
        .toLowerCase()
        .replace(/^[a-z]+:\/\//, "")
        .replace(/[/\s].*$/, "");
      return [
        {
          at: `machines.registryMirrors.${registry}`,
          problem: `"${registry}" is not the host of a registry`,
          fix: `write ${host === "" ? "one such as quay.io" : host}`,
        },
      ];
    }),
});
