import type { KubernetesObject } from "../../model/kubernetes/object";
import { text } from "../../model/kubernetes/object";
import type {
  Credential,
  ManagementPart,
  Reading,
  Side,
  Snapshot,
  WorkloadPart,
} from "../../model/live/snapshot";
import { KubernetesApi } from "../kubernetes/api";
import { follow, pause } from "../kubernetes/watch";
import { ClusterUnreadable, StackClusters } from "./clusters";
import { credentialsOf } from "./credentials";
import { payloadHashes } from "./payload-hash";
import { kept, unreadOf } from "./snapshot";
import { type Place, type Source, managementSources, workloadSources } from "./sources";

/** Between two attempts to open a cluster that did not answer. */
const retrySeconds = 3;

/** One part, kept up to date by its watch. */
interface Slot {
  objects?: Map<string, KubernetesObject>;
  unread?: Reading["unread"];
  /** When the trouble began; the objects were true until then. */
  troubleAt?: number;
}

/** The parts of one cluster, kept up to date by watches. */
class LiveSide<Part extends string> {
  server: string | undefined;
  unreachable: string | undefined = "not asked yet";
  private readonly slots: ReadonlyMap<Part, Slot>;

  constructor(
    private readonly sources: readonly Source<Part>[],
    private readonly onChange: () => void,
    private readonly now: () => number,
  ) {
    this.slots = new Map(sources.map(({ part }) => [part, {}]));
  }

  /** Follows every part until the signal aborts. */
  async follow(
    open: () => Promise<KubernetesApi>,
    signal: AbortSignal,
    onObject?: (object: KubernetesObject, gone: boolean) => void,
  ): Promise<void> {
    while (!signal.aborted) {
      const api = await open().catch((error: unknown) => {
        if (!(error instanceof ClusterUnreadable)) throw error;
        return error.message;
      });
      if (typeof api === "string") {
        this.silent(api);
        await pause(retrySeconds, signal);
        continue;
      }
      this.server = api.connection.server;
      await Promise.all(this.sources.map((source) => this.followPart(api, source, signal, onObject)));
    }
  }

  /** Nobody answers any more; what was seen stays, with the time when it was. */
  silent(why: string): void {
    this.unreachable = why;
    for (const slot of this.slots.values()) this.trouble(slot, { why });
    this.onChange();
  }

  /** Whether every part was listed, or said why not. */
  get settled(): boolean {
    return [...this.slots.values()].every(
      ({ objects, unread }) => objects !== undefined || unread !== undefined,
    );
  }

  /** What is known now. */
  side(): Side<Part> {
    const readings = [...this.slots].map(([part, slot]) => [part, this.reading(slot)] as const);
    return {
      ...(this.server === undefined ? {} : { server: this.server }),
      ...(this.unreachable === undefined ? {} : { unreachable: this.unreachable }),
      parts: Object.fromEntries(readings) as Record<Part, Reading>,
    };
  }

  private reading({ objects, unread, troubleAt }: Slot): Reading {
    return {
      at: troubleAt ?? this.now(),
      ...(objects === undefined ? {} : { objects: [...objects.values()] }),
      ...(unread === undefined && objects === undefined
        ? { unread: { why: "not listed yet", status: 404 } }
        : {}),
      ...(unread === undefined ? {} : { unread }),
    };
  }

  private followPart(
    api: KubernetesApi,
    { part, type, namespace, query, keep }: Source<Part>,
    signal: AbortSignal,
    onObject: ((object: KubernetesObject, gone: boolean) => void) | undefined,
  ): Promise<void> {
    const slot = this.slots.get(part) ?? {};
    const well = () => {
      delete slot.unread;
      delete slot.troubleAt;
      this.unreachable = undefined;
      this.onChange();
    };
    const keyOf = ({ metadata }: KubernetesObject) => `${metadata.namespace ?? ""}/${metadata.name}`;
    return follow(
      api,
      type,
      {
        onList: (items) => {
          for (const item of items) onObject?.(item, false);
          slot.objects = new Map(kept(items, keep).map((item) => [keyOf(item), item]));
          well();
        },
        onChange: (change, object) => {
          onObject?.(object, change === "DELETED");
          if (change === "DELETED") slot.objects?.delete(keyOf(object));
          else for (const item of kept([object], keep)) slot.objects?.set(keyOf(item), item);
          well();
        },
        onTrouble: (error) => {
          this.trouble(slot, unreadOf(error));
          const all = [...this.slots.values()];
          const silent = all.every(({ unread }) => unread !== undefined && unread.status === undefined);
          if (silent) this.unreachable = slot.unread?.why;
          this.onChange();
        },
      },
      {
        signal,
        ...(namespace === undefined ? {} : { namespace }),
        ...(query === undefined ? {} : { query }),
      },
    );
  }

  private trouble(slot: Slot, unread: NonNullable<Reading["unread"]>): void {
    slot.unread = unread;
    slot.troubleAt ??= this.now();
  }
}

/** A snapshot that watches keep up to date; {@link onChange} is called whenever anything in it has changed. */
export class LiveSnapshot {
  private readonly management: LiveSide<ManagementPart>;
  private readonly workload: LiveSide<WorkloadPart>;
  private kubeconfig: string | undefined;
  private known = false;
  private session: AbortController | undefined;
  private readonly opened: StackClusters[] = [];

  constructor(
    private readonly place: Place,
    private readonly clusters: () => StackClusters,
    private readonly onChange: () => void,
    private readonly now: () => number = Date.now,
  ) {
    this.management = new LiveSide(managementSources(place), onChange, now);
    this.workload = new LiveSide(workloadSources, onChange, now);
  }

  /** Follows both clusters until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    const name = `${this.place.name}-kubeconfig`;
    await this.management.follow(
      () => this.open().management(),
      signal,
      ({ kind, metadata, ...object }, gone) => {
        if (kind !== "Secret" || metadata.name !== name) return;
        const value = gone ? undefined : text(object, "data", "value");
        this.use(value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8"), signal);
      },
    );
    await Promise.all(this.opened.map((clusters) => clusters[Symbol.asyncDispose]()));
  }

  /** Each attempt is a new one: opened clusters remember how they failed. */
  private open(): StackClusters {
    const clusters = this.clusters();
    this.opened.push(clusters);
    return clusters;
  }

  /** Whether everything was read once, or said why not: before that a tree would grow for no reason. */
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
      this.workload.silent(`Secret ${this.place.name}-kubeconfig is not there: the cluster was not made yet`);
      return;
    }
    this.session = new AbortController();
    void this.workload.follow(() => this.open().workload(), AbortSignal.any([this.session.signal, signal]));
  }
}
