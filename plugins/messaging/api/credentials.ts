import type { Secret } from 'esp-host';

/** What proves to an API who asks. */
export interface Credentials {
  /** The header to send. @throws ConnectionFailedError, ExecutionFailedError where it cannot be had */
  header(): Promise<Record<string, string>>;
  /** The API refused this header; whether there is a new one to try. */
  renew(refused: Record<string, string>): boolean;
}

/** A gateway's key, in a header of its own. */
export class ApiKey implements Credentials {
  constructor(private readonly settings: { readonly header: string; readonly apiKey: Secret }) {}

  async header(): Promise<Record<string, string>> {
    return { [this.settings.header]: this.settings.apiKey.reveal() };
  }

  renew(): boolean {
    return false;
  }
}
