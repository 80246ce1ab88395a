import { field, text } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import { timestamp } from "../conditions";
import type { Controller } from "../controller";
import type { World } from "../store";
import { ownerReference } from "../metal3/owner";
import { allocate, AllocationError } from "./allocation";

const FINALIZER = "ipclaim.ipam.metal3.io";

/** Plays Metal3's IP address manager: each IPClaim gets an IPAddress of its pool, and gives it back when it goes. */
export function ipamController(context: LabContext, world: World): Controller {
  return {
    name: "ipam",
    primary: types.IPClaim,
    also: [types.IPPool, types.IPAddress],
    async reconcile(claim) {
      const { name, namespace } = claim.metadata;
      const pool = world.get(types.IPPool, text(claim, "spec", "pool", "name"), namespace);
      const taken = world
        .list(types.IPAddress, namespace)
        .filter((address) => text(address, "spec", "pool", "name") === pool?.metadata.name);
      if (claim.metadata.deletionTimestamp !== undefined) {
        const mine = world
          .list(types.IPAddress, namespace)
          .find((address) => text(address, "spec", "claim", "name") === name);
        if (mine !== undefined) await world.remove(types.IPAddress, mine);
        if (pool !== undefined) {
          const status = { indexes: { [name]: null }, lastUpdated: timestamp() };
          await world.patch(types.IPPool, pool, { status }, "status");
        }
        await world.setFinalizer(types.IPClaim, claim, FINALIZER, false);
        return;
      }
      if (pool === undefined || field(claim, "status", "address") !== undefined) return;
      // A claim that was refused once is never looked at again, not even when its pool grows.
      if ((text(claim, "status", "errorMessage") ?? "") !== "") return;
      await world.setFinalizer(types.IPClaim, claim, FINALIZER, true);
      const used = new Set(taken.map((address) => text(address, "spec", "address") ?? ""));
      try {
        // Pre-allocations by host need a switch of CAPM3's that installations leave off.
        const { address, ...rest } = allocate(pool, [name], used);
        const prefix = text(pool, "spec", "namePrefix") ?? pool.metadata.name;
        const object = await world.create(types.IPAddress, {
          apiVersion: types.IPAddress.apiVersion,
          kind: "IPAddress",
          metadata: {
            name: `${prefix}-${address.replace(/[.:]+/g, "-")}`,
            namespace: namespace ?? "",
            ownerReferences: [pool, claim].map((owner) => ({ ...ownerReference(owner), controller: false })),
          },
          spec: {
            address,
            ...rest,
            claim: { name, namespace },
            pool: { name: pool.metadata.name, namespace },
          },
        });
        const status = { indexes: { [name]: address }, lastUpdated: timestamp() };
        await world.patch(types.IPPool, pool, { status }, "status");
        const given = { status: { address: { name: object.metadata.name, namespace }, errorMessage: null } };
        await world.patch(types.IPClaim, claim, given, "status");
        context.log.record("address-given", `IPClaim/${name}`, address);
      } catch (error) {
        if (!(error instanceof AllocationError)) throw error;
        if (text(claim, "status", "errorMessage") === error.message) return;
        await world.patch(types.IPClaim, claim, { status: { errorMessage: error.message } }, "status");
      }
    },
  };
}

const POOL_FINALIZER = "ippool.ipam.metal3.io";

/** Plays the pool's side: it stays until its last claim is gone, whoever made that. */
export function ipPoolController(world: World): Controller {
  return {
    name: "ippool",
    primary: types.IPPool,
    also: [types.IPClaim],
    async reconcile(pool) {
      const { name, namespace, deletionTimestamp } = pool.metadata;
      if (deletionTimestamp === undefined) {
        await world.setFinalizer(types.IPPool, pool, POOL_FINALIZER, true);
        return;
      }
      const claims = world
        .list(types.IPClaim, namespace)
        .filter((claim) => text(claim, "spec", "pool", "name") === name);
      if (claims.length === 0) await world.setFinalizer(types.IPPool, pool, POOL_FINALIZER, false);
    },
  };
}
