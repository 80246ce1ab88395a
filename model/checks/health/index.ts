import type { Check } from "../check";
import { controlPlaneReplaceable } from "./control-plane-replaceable";
import { maxUnhealthyBrakes } from "./max-unhealthy-brakes";
import { maxUnhealthyEffective } from "./max-unhealthy-effective";
import { maxUnhealthyForm } from "./max-unhealthy-form";
import { rebootSurvives } from "./reboot-survives";
import { rebootTimeoutRealistic } from "./reboot-timeout-realistic";
import { rebootsCounted } from "./reboots-counted";
import { rebootsReplace } from "./reboots-replace";
import { startupTimeoutRealistic } from "./startup-timeout-realistic";

/** Checks of machine health checks. */
export const healthChecks: readonly Check[] = [
  controlPlaneReplaceable,
  maxUnhealthyBrakes,
  maxUnhealthyEffective,
  maxUnhealthyForm,
  rebootSurvives,
  rebootsCounted,
  rebootsReplace,
  rebootTimeoutRealistic,
  startupTimeoutRealistic,
];
