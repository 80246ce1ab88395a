/** One line of the lab's event log, as far as it is needed here. */
export interface Deed {
  readonly at: number;
  readonly did: string;
  readonly object: string;
}

/** One line of the waiting program's events. */
export interface Notice {
  readonly time: string;
  readonly host: string;
  readonly phase: string;
  readonly text: string;
}

/** How soon the waiting program said what the lab had done. */
export interface Noticing {
  /** Seconds between each deed and its line, shortest first. */
  readonly seconds: readonly number[];
  /** Deeds that another had overtaken before a line was due, so that nothing was said of them. */
  readonly unsaid: number;
}

/** The phase that the waiting program shows for what the lab did to a host. */
const phases: Readonly<Record<string, string>> = {
  "host-inspecting": "inspect",
  "host-preparing": "prepare",
  "host-available": "available",
  "host-provisioning": "provision",
  "host-provisioned": "boot",
};

/** The lab writes its line right after the deed, so the program may be a little faster. */
const earlierMilliseconds = 500;

/** Pairs each deed that happened while the program waited with the first line that tells it. */
export function noticing(deeds: readonly Deed[], notices: readonly Notice[]): Noticing {
  const dated = notices.map((notice) => ({ ...notice, at: Date.parse(notice.time) }));
  const begin = Math.min(...dated.map(({ at }) => at));
  const end = Math.max(...dated.map(({ at }) => at));
  const lags = deeds
    .filter(({ at }) => at > begin + 1000 && at < end)
    .flatMap((deed) => {
      const tells = tellerOf(deed);
      if (tells === undefined) return [];
      const line = dated.find((notice) => notice.at >= deed.at - earlierMilliseconds && tells(notice));
      return [line === undefined ? undefined : Math.max(0, line.at - deed.at) / 1000];
    });
  const seconds = lags.filter((lag) => lag !== undefined).sort((a, b) => a - b);
  return { seconds, unsaid: lags.length - seconds.length };
}

/** Which line tells a deed; undefined for deeds that no line is about. */
function tellerOf({ did, object }: Deed): ((notice: Notice) => boolean) | undefined {
  const name = object.split("/")[1] ?? "";
  const phase = phases[did];
  if (phase !== undefined) return (notice) => notice.host === name && notice.phase === phase;
  if (did === "node-registered") return (notice) => notice.text.startsWith(`node ${name} `);
  return undefined;
}
