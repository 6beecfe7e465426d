// Rates for mailbox providers, as a form shows them. Imports no server code, so that the browser can use it.

/** `domain`: of a mailbox provider, or of anybody. */
export type ProviderRate = { domain: string; perMinute: number };

export const ratesInText = (rates: readonly ProviderRate[]): string =>
  rates.map(({ domain, perMinute }) => `${domain}: ${perMinute}`).join('\n');
