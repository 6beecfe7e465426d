// Rates for mailbox providers, as an Admin writes them: 'gmail.com: 100', one in each line.
import { z } from 'zod';
import { domainOf } from './address';
import type { ProviderRate } from './rates-in-text';

const RATES_MAX = 30;
const RATE_MAX = 60_000;

export const ProviderRateSchema = z.object({ domain: z.string(), perMinute: z.int() });

/** What stands between a domain and its rate, and behind it: 'gmail.com: 100 a minute'. */
const LINE = /^(\S+?)\s*[:=\s]\s*([\d.,\s\u00a0]+?)(?:\s*(?:a|per|\/)\s*(?:minute|min))?$/i;

/** Rates as they are written in a form. */
export const RatesTextSchema = z
  .string()
  .max(5_000)
  .default('')
  .transform((text, context): ProviderRate[] => {
    const rates = new Map<string, number>();
    for (const line of text.split('\n').map((each) => each.trim())) {
      if (line === '') continue;
      const [, written = '', number = ''] = LINE.exec(line) ?? [];
      const domain = domainOf(written.replace(/^.*@/, ''));
      const perMinute = Number(number.replace(/[\s.,\u00a0]/g, ''));
      if (domain === undefined || !Number.isInteger(perMinute) || perMinute < 1 || perMinute > RATE_MAX) {
        const message = `“${line.slice(0, 60)}” is no rate. Write a domain and how many mails a minute, such as gmail.com: 100.`;
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      }
      rates.set(domain, perMinute);
    }
    if (rates.size > RATES_MAX) {
      context.addIssue({ code: 'custom', message: `Set at most ${RATES_MAX} rates.` });
      return z.NEVER;
    }
    return [...rates].map(([domain, perMinute]) => ({ domain, perMinute }));
  });
