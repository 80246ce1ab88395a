import type { FaultStage } from "./fault";
import type { RouterEdit } from "./router-edits";

/** Restarts the routers with a mistake in their configuration. */
export async function misconfigure(stage: FaultStage, edit: RouterEdit): Promise<void> {
  for (const router of stage.routers) {
    await router.stop();
    await router.start(edit(router.order.configuration));
  }
}

/** Restarts the routers with what the program generates. */
export async function repair(stage: FaultStage): Promise<void> {
  for (const router of stage.routers) {
    await router.stop();
    await router.start();
  }
}
