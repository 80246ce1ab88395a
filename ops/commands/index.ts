import type { Command } from "commander";
import { affectedCommand } from "./affected";
import { bgpCommand } from "./bgp";
import { checkCommand } from "./check";
import { diagnoseCommand } from "./diagnose";
import { commentCommand } from "./comment";
import { diffCommand } from "./diff";
import { destroyPlanCommand, detachCommand } from "./teardown";
import { explainCommand } from "./explain";
import { fleetCommand } from "./fleet";
import { gateCommand } from "./gate";
import { newCommand } from "./new";
import { preflightCommand } from "./preflight";
import { rbacCommand } from "./rbac";
import { renderCommand } from "./render";
import { gitopsCommand } from "./gitops";
import { kubeconfigCommand } from "./kubeconfig";
import { recoverCommand } from "./recover";
import { schemaCommand } from "./schema";
import { scrubCommand } from "./scrub";
import { routerCommand } from "./router";
import { statusCommand } from "./status";
import { sysdumpCommand } from "./sysdump";
import type { Terminal } from "./terminal";
import { verifyCommand } from "./verify";

/**
 * Every command of `npm run metal -- <command>`, in the order of the help text. A command's file imports nothing heavy at
 * the top (the Kubernetes client takes 0.3 s to load): its action does.
 */
export const commands: readonly ((terminal: Terminal) => Command)[] = [
  checkCommand,
  diffCommand,
  preflightCommand,
  fleetCommand,
  newCommand,
  statusCommand,
  diagnoseCommand,
  explainCommand,
  schemaCommand,
  renderCommand,
  routerCommand,
  bgpCommand,
  verifyCommand,
  recoverCommand,
  kubeconfigCommand,
  rbacCommand,
  gitopsCommand,
  sysdumpCommand,
  destroyPlanCommand,
  detachCommand,
  affectedCommand,
  gateCommand,
  commentCommand,
  scrubCommand,
];
