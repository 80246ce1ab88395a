import { text } from "../../model/kubernetes/object";
import type {
  Credential,
  ManagementPart,
  Reading,
  Side,
  Snapshot,
  WorkloadPart,
} from "../../model/live/snapshot";
import { ApiError, type KubernetesApi } from "../kubernetes/api";
import { Informer, type Slot, type Source } from "../kubernetes/informer";
import { pause } from "../kubernetes/watch";
import { ClusterUnreadable, StackClusters } from "./clusters";
import { credentialsOf, payloadHashes, unreadOf } from "./snapshot";
import { type Place, managementSources, workloadSources } from "./sources";

/** Between two attempts to open a cluster that did not answer. */
const retrySeconds = 3;

/** The parts of one cluster, kept up to date by watches. */
class LiveSide<Part extends string> {
  private server: string | undefined;
  /** Why the cluster could not be opened, and since when; until it answers. */
  private closed: { readonly why: string; readonly since: number } | undefined;
  private readonly informer: Informer<Part>;

  private readonly sources: readonly Source<Part>[];

  constructor(
    sources: readonly Source<Part>[],
    private readonly onChange: () => void,
    private readonly now: () => number,
  ) {
    this.sources = sources.map((source) => ({
      ...source,
      keyOf: ({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`,
    }));
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
  close(why: string): void {
    this.closed = { why, since: this.closed?.since ?? this.now() };
    this.onChange();
  }

  /** Why the cluster cannot be queried: it could not be opened, or no part is answered. */
  get unreachable(): string | undefined {
    if (this.closed !== undefined) return this.closed.why;
    const errors = this.informer.slots.map(({ trouble }) => trouble?.error);
    const [error] = errors;
    if (errors.length === 0) return "not queried yet";
    const isSilent = errors.every((each) => each !== undefined && !(each instanceof ApiError));
    return isSilent && error !== undefined ? unreadOf(error).why : undefined;
  }

  /** Whether every part was listed, or is known to be unreadable. */
  get settled(): boolean {
    return this.sources.every((source) => {
      const { objects, unread } = this.reading(source);
      return objects !== undefined || (unread !== undefined && unread !== notListed);
    });
  }

  /** What is known now. */
  side(): Side<Part> {
    const { server, unreachable } = this;
    return {
      ...(server === undefined ? {} : { server }),
      ...(unreachable === undefined ? {} : { unreachable }),
      parts: Object.fromEntries(this.sources.map((source) => [source.part, this.reading(source)])) as Record<
        Part,
        Reading
      >,
    };
  }

  private reading(source: Source<Part>): Reading {
    const slot: Slot<Part> | undefined = this.informer.slots.find((each) => each.source === source);
    const { objects, trouble } = slot ?? {};
    const unread =
      trouble !== undefined
        ? unreadOf(trouble.error)
        : this.closed !== undefined
          ? { why: this.closed.why }
          : objects === undefined
            ? notListed
            : undefined;
    return {
      at: trouble?.since ?? this.closed?.since ?? this.now(),
      ...(objects === undefined ? {} : { objects: [...objects.values()] }),
      ...(unread === undefined ? {} : { unread }),
    };
  }
}

type OnObjects = NonNullable<Source<ManagementPart>["onObjects"]>;

/** A part before its first list. */
const notListed = { why: "not listed yet", status: 404 } as const;

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
      const value = change === "DELETED" ? undefined : text(secret, "data", "value");
      this.use(value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8"), signal);
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
    const blind = this.management.settled && this.management.unreachable !== undefined;
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
