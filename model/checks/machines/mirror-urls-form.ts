import { defineCheck } from "../check";

export const mirrorUrlsForm = defineCheck({
  id: "machines/mirror-urls-form",
  why: "containerd ignores the whole file of a registry that it cannot read, and an air-gapped node pulls nothing",
  run: ({ machines }) =>
    Object.entries(machines.registryMirrors).flatMap(([registry, urls]) =>
      urls.flatMap((url, i) =>
        /^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/.test(url)
          ? []
          : [
              {
                at: `machines.registryMirrors.${registry}[${i}]`,
                problem: `"${url}" is no URL of a mirror`,
                fix: /^[\w.-]+(:\d+)?(\/\S*)?$/.test(url)
                  ? `write https://${url}`
                  : "write one such as https://mirror.example.com",
              },
            ],
      ),
    ),
});
