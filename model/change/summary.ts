import type {
  Change,
  CiliumChange,
  Effect,
  HostChange,
  Level,
  MachineChange,
  RouteChange,
  RouterChange,
  SessionChange,
} from "./change";
import { ciliumTodo } from "./cilium-effects";
import { type Words, named, plainWords, words } from "./formatted-text";
import { machineTodo } from "./machines";
import type { Finding } from "../findings/finding";
import type { ClusterPlan } from "../plan/plan";
import { counted } from "../text/wording";

/** How the stack's file itself differs: not at all, in comments and layout, or in its values. */
export type FileChange = "same" | "layout" | "values";

interface HeadlineInput {
  readonly kind: "new" | "changed";
  readonly level: Level;
  readonly effects: readonly Effect[];
  readonly errors: readonly Finding[];
  readonly file: FileChange;
  readonly isSamePlan: boolean;
  readonly plan: ClusterPlan;
}

/** The worst of a change in one line. */
export function headlineOf({ kind, level, effects, errors, file, isSamePlan, plan }: HeadlineInput): Words {
  if (errors.length > 0) return refusal(errors);
  if (kind === "new") return newCluster(plan);
  const [first, ...others] = effects;
  if (first === undefined)
    return plainWords(
      isSamePlan ? withoutEffect[file] : "nothing changes: the file differs, and leads to the same objects",
    );
  // Cilium's first row speaks for the settings that come with it.
  const isCounted = ({ area }: Effect) => area !== "cilium" || first.area !== "cilium";
  const equal = level === "low" ? 0 : others.filter((each) => each.level === level && isCounted(each)).length;
  const worst = first.headline ?? first.effect;
  return equal === 0 ? worst : words`${worst}; ${equal} more of ${plainWords(level)} risk`;
}

/** The program refuses to run: nothing at all would happen. */
export function refusal(findings: readonly Finding[]): Words {
  const errors = findings.filter(({ severity }) => severity === "error");
  const ids = named([...new Set(errors.map(({ id }) => id))], 4);
  return words`refused with ${plainWords(counted(errors.length, "error"))} (${ids}); nothing would be changed`;
}

const withoutEffect: Readonly<Record<FileChange, string>> = {
  same: "nothing changes",
  layout: "nothing changes: only comments or layout differ",
  values: "nothing changes: the file differs, and leads to the same plan",
};

function newCluster({ readiness }: ClusterPlan): Words {
  const workers = readiness.workerPools.reduce((sum, { replicas }) => sum + replicas, 0);
  const machines = readiness.controlPlane.replicas + workers;
  return words`a new cluster of ${plainWords(counted(machines, "machine"))} (${readiness.controlPlane.replicas} control plane, ${plainWords(counted(workers, "worker"))}); what is on their disks is lost`;
}

interface Found {
  readonly machines: readonly MachineChange[];
  readonly hosts: readonly HostChange[];
  readonly cilium?: CiliumChange;
  readonly sessions: readonly SessionChange[];
  readonly routes: readonly RouteChange[];
  readonly routers: readonly RouterChange[];
  readonly isProtected: boolean;
}

/** What a person has to do, before and after the change is applied. */
export function todoOf(stack: string, found: Found): Change["todo"] {
  const before = (what: Words) => ({ when: "before" as const, what });
  const after = (what: Words) => ({ when: "after" as const, what });
  return [
    ...(found.isProtected && found.hosts.some(({ change }) => change === "removed")
      ? [before(words`apply ${"metal:protect: false"}: hosts cannot be removed while it is true`)]
      : []),
    ...machineTodo(found.machines).map(before),
    ...found.routers.map((router) => routerTodo(stack, router, found)),
    ...ciliumTodo(found.cilium).map(after),
  ];
}

function routerTodo(stack: string, { router }: RouterChange, found: Found): Change["todo"][number] {
  const own = <T extends { readonly router: string }>(all: readonly T[]) =>
    all.filter((each) => each.router === router);
  const [sessions, routes] = [own(found.sessions), own(found.routes)];
  const command = `npm run metal -- router --stack ${stack} --router ${router}`;
  if (sessions.some(({ change, needsRouter }) => change === "reset" && needsRouter)) {
    return {
      when: "before",
      what: words`have the new configuration of router ${router} ready (${command}) and bring it there at the same time: the sessions are down in between`,
    };
  }
  const comes =
    sessions.some(({ change }) => change === "added") || routes.some(({ change }) => change === "gained");
  const goes =
    sessions.some(({ change }) => change === "removed") || routes.some(({ change }) => change === "lost");
  return goes && !comes
    ? { when: "after", what: words`take what is gone off router ${router}: ${command}` }
    : { when: "before", what: words`bring router ${router} its new configuration: ${command}` };
}
