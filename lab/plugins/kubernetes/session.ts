import { asString, type JsonObject } from "../grpc/property-value";
import { messageOf } from "../grpc/provider";
import { type Api, ApiClient } from "./api-client";
import { type Connection, connectionOf, kubeconfigText, parseKubeconfig } from "./kubeconfig";
import { Kinds } from "./kinds";
import type { Mutability } from "./object-diff";
import { ObjectStore } from "./object-store";

/** What one Configure decided for the life of the process; `unreachable` is the reason, when there is one. */
export interface Session {
  readonly store: ObjectStore;
  readonly unreachable?: string;
  readonly namespace: string;
  readonly mutable: Mutability;
  readonly upsert: boolean;
  readonly force: boolean;
  readonly deleteUnreachable: boolean;
  readonly skipUpdateUnreachable: boolean;
}

/** Booleans come as JSON strings; an environment variable of the real provider counts where the argument is absent. */
function flag(args: JsonObject, name: string, variable?: string): boolean {
  const value = args[name] ?? (variable === undefined ? undefined : process.env[variable]);
  return value === true || value === "true";
}

/** How the API client for a connection is made; tests put a server in memory here. */
export type Dial = (connection: Connection) => Api;

/** Reads the provider's arguments and asks the API server once; a server that does not answer is no error here. */
export async function openSession(
  args: JsonObject,
  signal: AbortSignal,
  dial: Dial = (to) => new ApiClient(to),
): Promise<Session> {
  let connection: Connection = { server: "https://127.0.0.1:0", namespace: "default" };
  let unreachable: string | undefined;
  try {
    const config = parseKubeconfig(kubeconfigText(asString(args["kubeconfig"])));
    connection = connectionOf(config, asString(args["context"]), asString(args["cluster"]));
  } catch (error) {
    unreachable = `failed to parse kubeconfig: ${messageOf(error)}`;
  }
  const api = dial(connection);
  const kinds = new Kinds(api);
  if (unreachable === undefined) {
    try {
      await api.request({ method: "GET", path: "/api/v1", signal });
    } catch (error) {
      // The real provider loads the schema here; the core group's list is asked instead because it is small.
      const cause = messageOf(error).replace(/\/api\/v1"/, '/openapi/v2?timeout=32s"');
      unreachable = `unable to load schema information from the API server: ${cause}`;
    }
  }
  return {
    store: new ObjectStore(api, kinds, signal),
    ...(unreachable === undefined ? {} : { unreachable }),
    namespace: asString(args["namespace"]) ?? connection.namespace,
    mutable: {
      configMaps: flag(args, "enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
      secrets: flag(args, "enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    },
    upsert: flag(args, "upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    force: flag(args, "enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    deleteUnreachable: flag(args, "deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
    skipUpdateUnreachable: flag(args, "skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
  };
}
