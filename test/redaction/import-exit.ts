import fs from "node:fs";
import path from "node:path";
import { isInvisible } from "../../model/stack/characters";
import { metal, projectWith } from "../ops/command-line";
import type { Exit } from "./exits";
import { planted } from "./spellings";

/** `import`: texts in every part of foreign objects that is written, listed or refused, and a Secret. */
export const importExit: Exit = {
  commands: ["import"],
  shows: "each",
  show: async (all) => {
    // A stack file takes no text with invisible characters: those are refused, and show up in the refusal alone.
    const texts = all.filter((text) => ![...text].some(isInvisible));
    const host = (text: string, i: number) => ({
      apiVersion: "metal3.io/v1alpha1",
      kind: "BareMetalHost",
      metadata: { name: `h-${i}`, annotations: { [`example.com/${text}`]: text } },
      spec: { description: text, bmc: { address: "ipmi://10.0.0.1" }, image: { url: text } },
    });
    const cluster = {
      apiVersion: "controlplane.cluster.x-k8s.io/v1beta2",
      kind: "KubeadmControlPlane",
      metadata: { name: "b" },
      spec: {
        version: "v1.36.3",
        kubeadmConfigSpec: {
          files: texts.map((content, i) => ({ path: `/etc/${i}`, content })),
          bootCommands: texts,
          preKubeadmCommands: texts,
        },
      },
    };
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "h-0-bmc" },
      stringData: { username: planted, password: planted },
    };
    const objects = [...texts.map(host), cluster, secret];
    const directory = projectWith({
      "objects.yaml": objects.map((object) => JSON.stringify(object)).join("\n---\n"),
      "names.yaml": all
        .map((text) => JSON.stringify({ apiVersion: "v1", kind: text, metadata: { name: text } }))
        .join("\n---\n"),
    });
    const ran = await metal(directory, ["import", "objects.yaml"]);
    const refused = await metal(directory, ["import", "objects.yaml", "names.yaml"]);
    const written = path.join(directory, "Pulumi.b.yaml");
    return ran.out + ran.err + refused.out + refused.err + fs.readFileSync(written, "utf8");
  },
};
