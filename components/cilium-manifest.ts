import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as k8s from "@pulumi/kubernetes";
import { kubernetesObject } from "./kubernetes-object";
import { runError } from "./messages";
import { interpreter } from "./program-command";
import type { RunMemory } from "./run-memory";
import { cliProblem, outputProblem, renderCall } from "../model/cilium/cli";
import { type CiliumRender, resourceSetOf } from "../model/cilium/manifest";
import { readRender } from "../model/cilium/proofs";
import { reportText } from "../model/findings/finding";
import type { CiliumPlan, ResourceSetPlan } from "../model/plan/plan";
import type { SecretPath } from "../model/stack/secrets";
import { foreignEntry } from "../ops/stack/project-files";

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
    // In a preview the Command has not run, so the proven render is used in its place and the diff is real.
    const proven = pulumi.runtime.isDryRun()
      ? pulumi.output(render.rendered)
      : rendered.stdout.apply((text) => sameBytes(text, render.rendered));
    // Everything but Secrets is public: the pull request shows its diff.
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

/** Gives the value of a secret path, and nothing for other texts. */
type Reveal = (path: SecretPath) => string | undefined;

/**
 * Renders with the Cilium CLI, in previews too, and proves the result; the diff of a pull request is real because of
 * it. Throws a RunError when the CLI is missing, too old or refuses the values, or when a proof fails.
 */
export async function renderCilium(
  plan: CiliumPlan,
  reveal: Reveal,
  memory: RunMemory,
): Promise<CiliumRender> {
  const { chartDirectory } = plan;
  const foreign = chartDirectory === undefined ? undefined : foreignEntry(process.cwd(), chartDirectory);
  if (foreign !== undefined)
    throw runError(`cilium.chartDirectory cannot be used, nothing was changed: ${foreign}`);
  const proven = memory.recall("render", plan);
  if (proven !== undefined) return JSON.parse(proven) as CiliumRender;
  const rendered = await runCli(plan, reveal);
  const first = readRender(rendered, plan);
  // Secrets may travel only when they are the same each time, and that needs a second look.
  const holdsSecrets = first.render.objects.some(({ kind }) => kind === "Secret");
  const { render, findings } = holdsSecrets ? readRender(rendered, plan, await runCli(plan, reveal)) : first;
  if (findings.length > 0) {
    throw runError(
      `the rendered Cilium is refused; nothing was changed\n${reportText(findings, "cilium.values")}`,
    );
  }
  if (!holdsSecrets) memory.keep("render", plan, JSON.stringify(render));
  return render;
}

/** The Cilium CLI's call as a Command resource, or an invoke, takes it. */
function renderCommand(plan: CiliumPlan, reveal: Reveal) {
  const { script, environment, stdin } = renderCall(plan, reveal);
  return {
    command: script,
    environment: { ...environment },
    stdin,
    interpreter,
    addPreviousOutputInEnv: false,
    logging: command.local.Logging.None,
  };
}

async function runCli(plan: CiliumPlan, reveal: Reveal): Promise<string> {
  const { stdout } = await command.local.run(renderCommand(plan, reveal)).catch((error: Error) => {
    throw runError(cliProblem(plan, error.message));
  });
  const problem = outputProblem(plan, stdout);
  if (problem !== undefined) throw runError(problem);
  return stdout;
}

/** The rendered Cilium in a ConfigMap, its Secrets in a Secret, and the ClusterResourceSet that applies it to this cluster. */
export class CiliumResourceSet extends pulumi.ComponentResource {
  constructor(
    name: string,
    args: {
      readonly plan: ResourceSetPlan;
      readonly render: CiliumRender;
      readonly manifest: CiliumManifest;
    },
    options: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:CiliumResourceSet", name, {}, options);
    const { payload, secretPayload } = args.plan;
    const { text, secretText } = args.manifest;
    const configMap = new k8s.core.v1.ConfigMap(
      `ConfigMap/${payload.metadata.name}`,
      { ...(payload as object), data: { "cilium.yaml": text } },
      { parent: this },
    );
    const payloads: pulumi.Resource[] = [configMap];
    if (secretText !== undefined) {
      const secret = { ...(secretPayload as object), stringData: { "cilium-secrets.yaml": secretText } };
      payloads.push(
        new k8s.core.v1.Secret(`Secret/${secretPayload.metadata.name}`, secret, { parent: this }),
      );
    }
    kubernetesObject(resourceSetOf(args.plan, args.render), { parent: this, dependsOn: payloads });
    this.registerOutputs({});
  }
}
