import fs from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { readStack } from "../../model/stack/read-stack";
import type { Stack } from "../../model/stack/schema";
import { separateSecrets } from "../../model/stack/secrets";
import { type RawStack, rawCapi1 } from "../model/stacks";

const folder = path.join(__dirname, "../golden/router");

/** A folder of test/golden/router: what differs from capi-1, and what both halves of BGP look like then. */
export interface Topology {
  readonly name: string;
  readonly folder: string;
  readonly stacks: readonly Stack[];
  /** The same stacks as raw configurations, keys without `metal:`. */
  readonly raw: readonly RawStack[];
}

/** Every topology, found by its folder. */
export function topologies(): readonly Topology[] {
  return fs
    .readdirSync(folder)
    .sort()
    .map((name) => {
      const here = path.join(folder, name);
      const documents = parseAllDocuments(fs.readFileSync(path.join(here, "stack.yaml"), "utf8"));
      if (!Array.isArray(documents)) throw new Error(`${here} holds no stack`);
      const raw = documents.map((document) => rawFrom(document.toJS() as RawStack));
      return { name, folder: here, raw, stacks: raw.map(stackOf) };
    });
}

/** capi-1 with other top-level keys; hosts are given by what matters here. */
function rawFrom(change: RawStack): RawStack {
  const hosts = change["hosts"] as Record<string, unknown>[] | undefined;
  return {
    ...rawCapi1(),
    ...change,
    ...(hosts === undefined ? {} : { hosts: hosts.map((host, i) => ({ ...server(i), ...host })) }),
  };
}

function stackOf(raw: RawStack): Stack {
  const reading = readStack(separateSecrets(raw).raw, "capi-1");
  if (reading.stack === undefined) throw new Error(JSON.stringify(reading.findings, undefined, 2));
  return reading.stack;
}

function server(index: number): object {
  const mac = `52:54:00:0a:01:${String(10 + index)}`;
  return {
    mac,
    bmc: { address: `redfish-virtualmedia://10.250.253.${10 + index}/redfish/v1/Systems/1` },
    links: [{ name: "eno1", mac }],
    rootDeviceHints: { serialNumber: `S4EMNX0R4000${10 + index}` },
  };
}
