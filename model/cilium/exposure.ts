/** Settings of agent and operator that open a port to clients that reach the machine. */
const addresses = new Set([
  "hubble-listen-address",
  "hubble-metrics-server",
  "prometheus-serve-addr",
  "operator-prometheus-serve-addr",
  "operator-api-serve-addr",
  "kube-proxy-replacement-healthz-bind-address",
]);

/** Whether a pair of values opens what was closed: a port, a connection without TLS, another authority, contents of flows. */
type Opens = (before: string | undefined, after: string | undefined) => boolean;

/** Settings other than addresses, by their names; the first that fits holds. */
const others: readonly { readonly key: RegExp; readonly opens: Opens; readonly why: string }[] = [
  {
    key: /^hubble-disable-tls$/,
    opens: (_before, after) => isOn(after),
    why: "Hubble answers without TLS: every client that reaches the machine reads all flows of the cluster",
  },
  {
    key: /^hubble-.*enable-tls$/,
    opens: (before, after) => isOn(before) && !isOn(after),
    why: "metrics of flows are served without TLS",
  },
  {
    key: /^hubble-.*tls-.*-files?$/,
    opens: (before) => before !== undefined && before !== "",
    why: "other certificates: who may connect to Hubble changes, or as whom it answers",
  },
  {
    key: /^hubble-redact-.*headers-(allow|deny)$/,
    opens: () => true,
    why: "which headers of HTTP requests flows show changes; such headers hold tokens",
  },
  {
    // Switched off, or no longer switched on: the default of user information is on, of all others off.
    key: /^hubble-redact-/,
    opens: (before, after) => !isOn(after) && (isOn(before) || after !== undefined),
    why: "flows show what was redacted: queries, logins and keys of requests",
  },
];

/** Why a change of a setting lets more be seen or reached than before; undefined where it does not, or is no such setting. */
export function openedBy(
  key: string,
  before: string | undefined,
  after: string | undefined,
): string | undefined {
  if (addresses.has(key)) {
    const [old, fresh] = [hostOf(before), hostOf(after)];
    return isOpen(fresh) && fresh !== old
      ? "the port is open to every client that reaches the machine, and no longer only to the machine itself"
      : undefined;
  }
  const rule = others.find((each) => each.key.test(key));
  return rule?.opens(before, after) === true ? rule.why : undefined;
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && /^(true|1|t)$/i.test(value);
}

/** The host of an address such as `:4244` (all, `""`), `127.0.0.1:9234` or `[::1]:80`; undefined where nothing listens. */
function hostOf(address: string | undefined): string | undefined {
  if (address === undefined || address === "" || address.startsWith("unix:")) return undefined;
  return address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

function isOpen(host: string | undefined): boolean {
  return host !== undefined && host !== "localhost" && host !== "::1" && !/^127(\.\d{1,3}){3}$/.test(host);
}
