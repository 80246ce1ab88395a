import type { StatusTree } from "../../model/live/status/item";
import type { Style } from "../../model/live/status/lines";
import { type ExitCode, type Terminal, exitCodes } from "./terminal";

/** Signs and colours on a terminal, words elsewhere. */
export function styleOf({ interactive, paint }: Terminal): Style {
  return {
    drawn: interactive,
    paint,
    width: interactive ? (process.stdout.columns ?? 120) : Infinity,
  };
}

/** 0 ready, 1 not ready, 2 cannot tell. */
export function exitCodeOf({ verdict }: StatusTree): ExitCode {
  if (verdict === "ready") return exitCodes.holds;
  return verdict === "not ready" ? exitCodes.findings : exitCodes.couldNotTell;
}
