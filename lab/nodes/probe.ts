import { field, list, number, text } from "../../model/kubernetes/object";
import type { LabNode } from "./node";
import { requestFrom } from "./request";

/** The times of a probe as the pod writes them, with the defaults of Kubernetes, in seconds. */
interface ProbeTimes {
  readonly initialDelay: number;
  readonly period: number;
  readonly failures: number;
}

type ProbeName = "startupProbe" | "livenessProbe" | "readinessProbe";

/** The times of a container's probe; undefined where it has none. */
export function probeTimes(container: unknown, probe: ProbeName): ProbeTimes | undefined {
  const spec = field(container, probe);
  if (spec === undefined) return undefined;
  return {
    initialDelay: number(spec, "initialDelaySeconds") ?? 0,
    period: number(spec, "periodSeconds") ?? 10,
    failures: number(spec, "failureThreshold") ?? 3,
  };
}

/** Sends what the probe asks on the node's network; probes other than HTTP succeed. Answers whether it succeeded. */
export async function probeSucceeds(node: LabNode, container: unknown, probe: ProbeName): Promise<boolean> {
  const request = field(container, probe, "httpGet");
  if (request === undefined) return true;
  const named = list(container, "ports").find((port) => text(port, "name") === text(request, "port"));
  const answer = await requestFrom((argv) => node.onItsNetwork(argv), {
    host: text(request, "host") ?? "127.0.0.1",
    port: number(request, "port") ?? number(named, "containerPort") ?? 0,
    path: text(request, "path") ?? "/",
    headers: list(request, "httpHeaders").map(
      (each) => `${text(each, "name") ?? ""}: ${text(each, "value") ?? ""}`,
    ),
    seconds: number(container, probe, "timeoutSeconds") ?? 1,
  });
  return answer.kind === "answer" && answer.status >= 200 && answer.status < 400;
}
