import fs from "node:fs";
import path from "node:path";
import { Command, Option } from "commander";
import { createTwoFilesPatch } from "diff";
import { counted, nearest } from "../../model/text/wording";
import { type PasswordOf, frrConfiguration, placeholder } from "../../model/bgp/router/frr";
import { FrrValueError } from "../../model/bgp/router/frr-line";
import { type MergedRouter, mergeRouters } from "../../model/bgp/router/merge";
import { type RouterInUse, routerInUse } from "../../model/bgp/router/in-use";
import { comparable } from "../../model/bgp/router/running-configuration";
import {
  RouterUnreadable,
  SecretUnavailable,
  decryptedSecret,
  routerSharesOf,
  runningConfiguration,
} from "../router/routers";
import { chosenStack, findingLines, stackOption } from "./options";
import { refuseLinkOn, writeWithoutLinks } from "../stack/project-files";
import { stackNames } from "../stack/stack-files";
import { Refusal, type Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

interface RouterOptions {
  readonly stack?: string;
  readonly router?: string;
  readonly allStacks?: true;
  readonly showSecrets?: true;
  readonly write?: string;
  readonly against?: string | true;
}

/** `router`: the routers' side of BGP as FRR configuration, or what differs on a running router. */
export function routerCommand(terminal: Terminal): Command {
  return new Command("router")
    .description("print the FRR configuration of the stack's routers, or compare it with what a router runs")
    .addOption(stackOption())
    .addOption(new Option("--all-stacks", "print one merged configuration for all stacks").conflicts("stack"))
    .option("--router <name>", "only this router")
    .option("--show-secrets", "print the passwords, which Pulumi decrypts, instead of placeholders")
    .option("--write <directory>", "write <router>.conf to this directory instead of printing it")
    .addOption(
      new Option(
        "--against [place]",
        "compare with a running configuration: a file, - for standard input, or ssh://user@host (default: the router's management address)",
      ).conflicts("write"),
    )
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- router --stack capi-1\n" +
        "  npm run metal -- router --all-stacks --router edge --write routers\n" +
        "  npm run metal -- router --against ssh://admin@192.168.254.1    (exit 1 when it differs)",
    )
    .action((options: RouterOptions) => terminal.end(router(terminal, options)));
}

function router(terminal: Terminal, options: RouterOptions): ExitCode {
  const stacks =
    options.allStacks === true ? stackNames(terminal.directory) : [chosenStack(terminal, options.stack)];
  const { routers, findings } = mergeRouters(routerSharesOf(terminal.directory, stacks, terminal.now()));
  if (findings.length > 0) {
    terminal.err(findingLines(findings));
    return exitCodes.findings;
  }
  if (routers.length === 0) {
    terminal.err(`${stacks.join(", ")}: no bgp, so there is nothing to configure on a router\n`);
    return exitCodes.holds;
  }
  const chosen = chooseRouters(routers, options.router);
  try {
    if (options.against !== undefined) return compare(terminal, chosen, options.against);
    const passwordOf = options.showSecrets === true ? passwordsFrom(terminal) : placeholder;
    const texts = chosen.map((one) => ({ name: one.name, text: frrConfiguration(one, passwordOf) }));
    if (options.write === undefined) terminal.document(texts.map(({ text }) => text).join("\n"));
    else write(terminal, options.write, texts, options.showSecrets === true);
    return exitCodes.holds;
  } catch (error) {
    if (error instanceof RouterUnreadable || error instanceof SecretUnavailable) {
      throw new Refusal(error.message);
    }
    if (error instanceof FrrValueError) throw new Refusal(`a password does not fit: ${error.message}`);
    throw error;
  }
}

function chooseRouters(routers: readonly MergedRouter[], name: string | undefined): readonly MergedRouter[] {
  if (name === undefined) return routers;
  const found = routers.filter((one) => one.name === name);
  if (found.length > 0) return found;
  const names = routers.map((one) => one.name);
  const guess = nearest(name, names);
  const known = guess === undefined ? `there are ${names.join(", ")}` : `did you mean "${guess}"?`;
  throw new Refusal(`there is no router "${name}"; ${known}`);
}

function passwordsFrom({ directory, env }: Terminal): PasswordOf {
  return ({ stack, password }) => decryptedSecret(directory, env, stack, password ?? "");
}

function write(
  terminal: Terminal,
  directory: string,
  texts: readonly { readonly name: string; readonly text: string }[],
  secret: boolean,
): void {
  const folder = path.resolve(terminal.directory, directory);
  refuseLinkOn(terminal.directory, directory);
  fs.mkdirSync(folder, { recursive: true });
  for (const { name, text } of texts) {
    const file = path.join(folder, `${name}.conf`);
    writeWithoutLinks(terminal.directory, file, text, secret);
    terminal.out(path.relative(terminal.directory, file));
  }
}

function compare(terminal: Terminal, routers: readonly MergedRouter[], against: string | true): ExitCode {
  const [one, ...others] = routers;
  if (one === undefined || others.length > 0) {
    throw new Refusal(`choose a router: --router ${routers.map(({ name }) => name).join(" | ")}`);
  }
  const place = against === true ? one.management : against;
  if (place === undefined) {
    throw new Refusal(
      `router ${one.name} has no management address; write --against FILE or ssh://user@host`,
    );
  }
  const running = runningConfiguration(place, terminal.env);
  const ours = comparable(frrConfiguration(one), one);
  const theirs = comparable(running, one);
  const inUse = routerInUse(running, one);
  if (inUse.findings.length > 0) {
    terminal.out(`${usedByOthers(one, inUse)}\n${findingLines(inUse.findings)}`);
  }
  if (ours !== theirs) {
    terminal.out(createTwoFilesPatch(`${one.name} (running)`, `${one.name} (planned)`, theirs, ours, "", ""));
    return exitCodes.findings;
  }
  const lines = ours.trimEnd().split("\n").length;
  const compared = `${lines} lines compared with ${place}`;
  if (inUse.findings.some(({ severity }) => severity === "error")) {
    terminal.out(
      `${one.name} runs every line that ${one.stacks.join(", ")} want, and conflicts with them: ${compared}`,
    );
    return exitCodes.findings;
  }
  terminal.out(`${one.name} runs what ${one.stacks.join(", ")} want: ${compared}`);
  return exitCodes.holds;
}

/** The first line of a comparison: the conflicts, and what else the planned lines affect. */
function usedByOthers({ name }: MergedRouter, { others, findings }: RouterInUse): string {
  const conflicts = findings.filter(({ severity }) => severity === "error").length;
  const global = findings.filter(({ id }) => id === "router/whole-router").length;
  return [
    others.length === 0 ? `${name}:` : `${name} serves others too (${others.join(", ")}):`,
    counted(conflicts, "conflict") + " with what runs,",
    counted(global, "planned line") + (global === 1 ? " acts" : " act") + " on the whole router",
  ].join(" ");
}
