import type { EngineLog } from "../../lab/plugins/grpc/provider";

/** A message that a provider wrote for people. */
export interface LoggedMessage {
  readonly severity: string;
  readonly message: string;
  readonly ephemeral: boolean;
}

/** An engine log that keeps what it gets. */
export class SilentLog implements EngineLog {
  readonly messages: LoggedMessage[] = [];

  write(severity: string, message: string, _urn: string, ephemeral = false): void {
    this.messages.push({ severity, message, ephemeral });
  }

  flushed(): Promise<void> {
    return Promise.resolve();
  }
}
