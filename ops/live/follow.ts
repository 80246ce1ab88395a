import { kubeconfigIn } from "../kubernetes/kubeconfig";
import { defined } from "../../model/kubernetes/object";
import type {
  Credential,
  ManagementPart,
  Reading,
  Side,
  Snapshot,
  Trouble,
  WorkloadPart,
} from "../../model/live/snapshot";
import type { KubernetesApi } from "../kubernetes/api";
import { Informer, type Source, notListed } from "../kubernetes/informer";
import { pause } from "../polling";
import { ClusterUnreadable, StackClusters } from "./clusters";
import { credentialsOf, payloadHashes } from "./snapshot";
import { type Place, managementSources, workloadSources } from "./sources";

/** Between two attempts to open a cluster that did not answer. */
const retrySeconds = 3;

/** The parts of one cluster, kept up to date by watches. */
class LiveSide<Part extends string> {
  private server: string | undefined;
  /** Why the cluster could not be opened, and since when; until it answers. */
  private closed: Trouble | undefined;
  private readonly informer: Informer<Part>;

  constructor(
    private readonly sources: readonly Source<Part>[],
    private readonly onChange: () => void,
    private readonly now: () => number,
  ) {
    this.informer = new Informer(onChange, now);
  }

  /** Follows every part until the signal aborts. */
  async follow(open: () => Promise<KubernetesApi>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const api = await open().catch((error: unknown) => {
        if (!(error instanceof ClusterUnreadable)) throw error;
        return error.message;
      });
      if (typeof api === "string") {
        this.close(api);
        await pause(retrySeconds, signal);
        continue;
      }
      this.server = api.connection.server;
      this.closed = undefined;
      await this.informer.follow(api, this.sources, signal);
    }
  }

  /** The cluster cannot be reached; what was seen stays, with the time when it was. */
  close(message: string): void {
    this.closed = { since: this.closed?.since ?? this.now(), message };
    this.onChange();
  }

  /** Why the cluster cannot be queried: it could not be opened, or no part is answered. */
  get trouble(): Trouble | undefined {
    if (this.closed !== undefined) return this.closed;
    const { slots } = this.informer;
    const [first, ...others] = slots.flatMap(({ trouble }) =>
      trouble === undefined || trouble.unread.status !== undefined ? [] : [trouble],
    );
    if (slots.length === 0) return { since: this.now(), message: "not queried yet" };
    if (first === undefined || others.length + 1 < slots.length) return undefined;
    return { since: Math.min(first.since, ...others.map(({ since }) => since)), message: first.unread.why };
  }

  /** Whether every part was listed, or is known to be unreadable. */
  get settled(): boolean {
    return Object.values<Reading>(this.parts()).every(({ unread }) => unread !== notListed);
  }

  /** What is known now. */
  side(): Side<Part> {
    const { server, trouble, informer } = this;
    const reached = trouble === undefined || informer.reached;
    return { ...defined({ server, trouble }), reached, parts: this.parts() };
  }

  private parts(): Readonly<Record<Part, Reading>> {
    const readings = this.informer.readings(this.sources.map(({ part }) => part));
    const { closed } = this;
    if (closed === undefined) return readings;
    const old = Object.entries<Reading>(readings).map(([part, reading]): [string, Reading] =>
      reading.unread === undefined || reading.unread === notListed
        ? [part, { ...reading, at: closed.since, unread: { why: closed.message } }]
        : [part, reading],
    );
    return Object.fromEntries(old) as Record<Part, Reading>;
  }
}

type OnObjects = NonNullable<Source<ManagementPart>["onObjects"]>;

/** A snapshot that watches keep up to date; {@link onChange} is called whenever anything in it has changed. */
export class LiveSnapshot {
  private readonly management: LiveSide<ManagementPart>;
  private readonly workload: LiveSide<WorkloadPart>;
  private kubeconfig: string | undefined;
  private known = false;
  private session: AbortController | undefined;
  private onSecrets: OnObjects = () => undefined;
  private readonly opened: StackClusters[] = [];

  constructor(
    private readonly place: Place,
    private readonly clusters: () => StackClusters,
    private readonly onChange: () => void,
    private readonly now: () => number = Date.now,
  ) {
    const sources = managementSources(place).map((source) =>
      source.part === "secrets"
        ? { ...source, onObjects: (...seen: Parameters<OnObjects>) => this.onSecrets(...seen) }
        : source,
    );
    this.management = new LiveSide(sources, onChange, now);
    this.workload = new LiveSide(workloadSources, onChange, now);
  }

  /** Follows both clusters until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    const name = `${this.place.name}-kubeconfig`;
    this.onSecrets = (secrets, change) => {
      const secret = secrets.find(({ metadata }) => metadata.name === name);
      if (secret === undefined && change !== "LISTED") return;
      this.use(change === "DELETED" ? undefined : kubeconfigIn(secret), signal);
    };
    await this.management.follow(() => this.open().management(), signal);
    await Promise.all(this.opened.map((clusters) => clusters[Symbol.asyncDispose]()));
  }

  /** Each attempt is a new one: opened clusters remember how they failed. */
  private open(): StackClusters {
    const clusters = this.clusters();
    this.opened.push(clusters);
    return clusters;
  }

  /** Whether everything was read once or is known to be unreadable; before that a tree would be incomplete. */
  get settled(): boolean {
    const blind = this.management.settled && this.management.trouble !== undefined;
    return blind || (this.management.settled && this.workload.settled);
  }

  /** What is known now. */
  snapshot(): Snapshot {
    const { name: cluster, namespace } = this.place;
    const side = this.management.side();
    const management = { ...side, payloadHashes: payloadHashes(side) };
    const secret = `Secret/${cluster}-kubeconfig`;
    const credentials: readonly Credential[] =
      this.kubeconfig === undefined ? [] : credentialsOf(this.kubeconfig, secret);
    return {
      cluster,
      namespace,
      at: this.now(),
      management,
      workload: {
        ...this.workload.side(),
        ...(this.known ? { kubeconfig: this.kubeconfig !== undefined } : {}),
        credentials,
      },
    };
  }

  /** A changed kubeconfig starts a new session; one that is gone ends it. */
  private use(kubeconfig: string | undefined, signal: AbortSignal): void {
    if (this.known && kubeconfig === this.kubeconfig) return;
    this.known = true;
    this.kubeconfig = kubeconfig;
    this.session?.abort();
    if (kubeconfig === undefined) {
      this.workload.close(
        `Secret ${this.place.name}-kubeconfig not found: the cluster has not been created yet`,
      );
      return;
    }
    this.session = new AbortController();
    void this.workload.follow(() => this.open().workload(), AbortSignal.any([this.session.signal, signal]));
  }
}
