import * as pulumi from "@pulumi/pulumi";
import { shown } from "../model/redaction/shown";

/** An error that ends the run without a stack trace. Its text may quote a cluster's answer: it is shown without secrets, as text. */
export function runError(message: string): pulumi.RunError {
  return new pulumi.RunError(shown(message));
}

/** A warning of the run, shown as {@link runError} is. */
export function warn(message: string): Promise<void> {
  return pulumi.log.warn(shown(message));
}

/** A remark of the run, shown as {@link runError} is. */
export function inform(message: string): Promise<void> {
  return pulumi.log.info(shown(message));
}
