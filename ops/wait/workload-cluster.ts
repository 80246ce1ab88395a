import type { KubernetesObject } from "../../model/kubernetes/object";
import type { ReadinessPlan } from "../../model/live/readiness/assess";
import type { EndpointProbes, WorkloadPart } from "../../model/live/snapshot";
import { KubernetesApi } from "../kubernetes/api";
import { Informer } from "../kubernetes/informer";
import { KubeconfigError, kubeconfigIn, selfContained } from "../kubernetes/kubeconfig";
import { pause } from "../polling";
import { workloadStreams } from "./streams";
import { AgentLogs, RouterProbes } from "../live/session-evidence";

/** Reachability cannot be watched, so it is probed; the answer must come within this time. */
const probe = { everySeconds: 1, timeoutSeconds: 5 };

/** Follows the workload cluster as soon as, and as often as, there is a kubeconfig and an API server that answers to it. */
export class WorkloadCluster {
  readonly informer: Informer<WorkloadPart>;
  readonly logs: AgentLogs;
  readonly routers: RouterProbes;
  endpoint: EndpointProbes = {};
  /** Probes that have come to an end, well or not. */
  probes = 0;
  private kubeconfig: string | undefined;
  private session: AbortController | undefined;

  constructor(
    private readonly plan: ReadinessPlan,
    private readonly onChange: () => void,
    private readonly signal: AbortSignal,
  ) {
    // A kind that is not served yet is no trouble: Cilium registers its own kinds.
    this.informer = new Informer(onChange, Date.now, (status) => status === 404);
    this.logs = new AgentLogs(this.informer, onChange);
    this.routers = new RouterProbes(this.informer, onChange);
  }

  /** Whether there is a kubeconfig to try. */
  get known(): boolean {
    return this.kubeconfig !== undefined;
  }

  /** Takes the Secret `<cluster>-kubeconfig` as it is now; a changed one starts a new session. */
  use(secret: KubernetesObject | undefined): void {
    const kubeconfig = kubeconfigIn(secret);
    if (kubeconfig === this.kubeconfig) return;
    this.kubeconfig = kubeconfig;
    this.session?.abort();
    if (kubeconfig === undefined) return;
    try {
      selfContained(kubeconfig, `Secret ${this.plan.namespace}/${this.plan.cluster}-kubeconfig`);
    } catch (error) {
      if (!(error instanceof KubeconfigError)) throw error;
      this.note(error.message, Date.now());
      return;
    }
    this.session = new AbortController();
    void this.run(kubeconfig, AbortSignal.any([this.session.signal, this.signal]));
  }

  private async run(kubeconfig: string, signal: AbortSignal): Promise<void> {
    let following: KubernetesApi | undefined;
    while (!signal.aborted) {
      const started = Date.now();
      const error = await answers(kubeconfig, signal);
      if (signal.aborted) break;
      this.probes += 1;
      this.note(error, started);
      if (error === undefined && following === undefined) {
        following = await KubernetesApi.open(kubeconfig);
        this.informer.clear();
        this.informer.reached = true;
        void this.informer.follow(following, workloadStreams(this.plan), signal);
        if (this.plan.subject === "bgp") {
          void this.logs.follow(following, signal);
          void this.routers.follow(this.plan, signal);
        }
      }
      await pause(probe.everySeconds, signal);
    }
    following?.close();
  }

  private note(error: string | undefined, started: number): void {
    const before = this.endpoint.steadySince;
    this.endpoint = error === undefined ? { steadySince: before ?? started } : { lastError: error };
    if (before !== this.endpoint.steadySince) this.onChange();
  }
}

/** Asks /readyz over a connection of its own, as the workload provider will; the error's words, or undefined. */
async function answers(kubeconfig: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const api = await KubernetesApi.open(kubeconfig);
    try {
      await api.request("GET", "/readyz", { timeoutSeconds: probe.timeoutSeconds, signal });
      return undefined;
    } finally {
      api.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}
