// Settings as forms send them: as text.
import { describe, expect, it } from 'vitest';
import { CONNECTORS } from './connectors';
import { initialValue, switched } from './setting-types';

describe('Settings', () => {
  it('are accepted as their forms show them at first, once what is needed is entered', () => {
    const entered: Record<string, string> = {
      address: 'https://crm.example',
      environment: 'https://contoso.crm4.dynamics.com',
      tenantId: 'tenant',
      clientId: 'client',
    };
    for (const { kind, form, settings } of CONNECTORS) {
      const names = form.filter((field) => field.kind !== 'secret').map(({ name }) => name);
      const shown = names.map((name): [string, string] => [name, initialValue(settings, name)]);
      const needed = shown.flatMap(([name, text]): [string, string][] =>
        text === '' && entered[name] !== undefined ? [[name, entered[name]]] : [],
      );
      const sent = settings.safeParse(Object.fromEntries([...shown, ...needed]));
      expect({ kind, problems: sent.error?.issues ?? [] }).toEqual({ kind, problems: [] });
      expect(sent.data).toEqual(settings.parse(Object.fromEntries(needed)));
    }
  });

  it('may be switches', () => {
    expect([undefined, 'true', 'false', true].map((value) => switched(false).parse(value))).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(switched(true).safeParse('perhaps').success).toBe(false);
  });
});
