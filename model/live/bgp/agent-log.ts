/** One NOTIFICATION in the log of a node's agent: the only place on the node's side that says why a session ends. */
export interface AgentNotification {
  /** The peer's address. */
  readonly address: string;
  readonly direction: "sent" | "received";
  readonly code: number;
  readonly subcode: number;
  /** What a hard reset carries: the code and subcode of its reason (RFC 8538). */
  readonly reason?: { readonly code: number; readonly subcode: number };
}

/**
 * Reads what GoBGP says inside an agent's log, whether the log is written as `key=value` (Cilium's default) or as JSON.
 * Other lines are passed over; oldest first.
 */
export function agentNotifications(log: string): readonly AgentNotification[] {
  return log.split(/\r?\n/).flatMap((line) => {
    const direction = /\b(sent|received) notification\b/.exec(line)?.[1];
    const address = value(line, "Key");
    const code = Number(value(line, "Code"));
    const subcode = Number(value(line, "Subcode"));
    if ((direction !== "sent" && direction !== "received") || address === undefined) return [];
    if (!Number.isInteger(code) || !Number.isInteger(subcode)) return [];
    const reason = code === 6 && subcode === 9 ? reasonIn(line) : undefined;
    return [{ address, direction, code, subcode, ...(reason === undefined ? {} : { reason }) }];
  });
}

/** `Key=192.0.2.1`, `Key="192.0.2.1"` or `"Key":"192.0.2.1"`. */
function value(line: string, key: string): string | undefined {
  return new RegExp(`(?:^|[\\s,{"])${key}"?[=:]\\s*"?([^\\s",}]+)`).exec(line)?.[1];
}

/** JSON has the data of a hard reset as base64, text as `[6 1 …]`. */
function reasonIn(line: string): AgentNotification["reason"] {
  const [, first, second] = /\bData"?[=:]\s*"?\[(\d+)[ ,]+(\d+)/.exec(line) ?? [];
  if (first !== undefined) return { code: Number(first), subcode: Number(second) };
  const data = value(line, "Data") ?? "null";
  if (data === "null" || !/^[A-Za-z0-9+/]{4,}=*$/.test(data)) return undefined;
  const [code, subcode] = base64Start(data);
  return { code, subcode };
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The first two bytes of a base64 text; model/ has no Buffer. */
function base64Start(text: string): readonly [number, number] {
  const [a = 0, b = 0, c = 0] = [...text.slice(0, 3)].map((letter) => alphabet.indexOf(letter));
  return [(a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2)];
}
