import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { CiliumRender } from "../model/cilium/manifest";
import type { CiliumPlan } from "../model/plan/plan";
import { renderCommand } from "./cilium-render";

/** The render as a resource of the stack: an update renders again and must get the bytes that were proven. */
export class CiliumManifest extends pulumi.ComponentResource {
  readonly text: pulumi.Output<string>;

  constructor(
    name: string,
    args: { readonly plan: CiliumPlan; readonly render: CiliumRender },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:CiliumManifest", name, {}, options);
    const { command: create, ...settings } = renderCommand(args.plan);
    const rendered = new command.local.Command(
      name,
      { create, ...settings },
      { parent: this, customTimeouts: { create: "5m", update: "5m" } },
    );
    // In a preview the Command has not run, so the proven render stands for it and the diff is real.
    this.text = pulumi.runtime.isDryRun()
      ? pulumi.output(args.render.text)
      : rendered.stdout.apply((text) => sameBytes(text, args.render.text));
    this.registerOutputs({});
  }
}

function sameBytes(rendered: string, proven: string): string {
  if (rendered === proven) return rendered;
  throw new pulumi.RunError(
    "two renders of the same values differ, so what was proven is not what would be applied; " +
      "look for generated certificates in cilium.values (hubble.tls.auto.method)",
  );
}
