import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { CiliumRender } from "../model/cilium/manifest";
import type { SecretPath } from "../model/stack/secrets";
import type { CiliumPlan } from "../model/plan/plan";
import { renderCommand } from "./cilium-render";
import { runError } from "./messages";

/** The render as a resource of the stack: an update renders again and must get the bytes that were proven. */
export class CiliumManifest extends pulumi.ComponentResource {
  /** For the ConfigMap. */
  readonly text: pulumi.Output<string>;
  /** For the Secret; undefined when the render holds none. */
  readonly secretText: pulumi.Output<string> | undefined;

  constructor(
    name: string,
    args: {
      readonly plan: CiliumPlan;
      readonly render: CiliumRender;
      readonly reveal: (path: SecretPath) => string | undefined;
    },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:CiliumManifest", name, {}, options);
    const { render } = args;
    const { command: create, stdin, environment, ...settings } = renderCommand(args.plan, args.reveal);
    // A private key among the values makes them secret, and with them everything that comes of them.
    const isSecret = stdin !== renderCommand(args.plan, () => undefined).stdin;
    const rendered = new command.local.Command(
      name,
      {
        create,
        stdin: isSecret ? pulumi.secret(stdin) : stdin,
        // Another Cilium CLI may render other bytes from the same values: the Command must then run again.
        environment: { ...environment, METAL_RENDER_HASH: render.hash },
        ...settings,
      },
      { parent: this, customTimeouts: { create: "5m", update: "5m" } },
    );
    // In a preview the Command has not run, so the proven render stands for it and the diff is real.
    const proven = pulumi.runtime.isDryRun()
      ? pulumi.output(render.rendered)
      : rendered.stdout.apply((text) => sameBytes(text, render.rendered));
    // What is no Secret is for everybody's eyes: the pull request shows its diff.
    this.text = pulumi.unsecret(proven.apply(() => render.text));
    const { secrets } = render;
    this.secretText = secrets && pulumi.secret(proven.apply(() => secrets.text));
    this.registerOutputs({});
  }
}

function sameBytes(rendered: string, proven: string): string {
  if (rendered === proven) return rendered;
  throw runError(
    "two renders of the same values differ, so what was proven is not what would be applied; " +
      "look for generated certificates in cilium.values (hubble.tls.auto.method)",
  );
}
