import type {
  Change,
  CiliumChange,
  HostChange,
  MachineChange,
  RouteChange,
  RouterChange,
  SessionChange,
} from "./change";
import { ciliumTodo } from "./cilium-effects";
import { machineTodo } from "./machines";
import { type Words, words } from "./formatted-text";

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
