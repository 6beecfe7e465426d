// Settings as forms send them: as text.
import { describe, expect, it } from 'vitest';
import { CONNECTORS } from './connectors';
import { initialValue, switched, webAddress } from './setting-types';

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

  it('say what an address lacks', () => {
    const saysOf = (text: string) => webAddress('Enter the address').safeParse(text).error?.issues[0]?.message;
    expect(saysOf('fjord.lime-crm.example/app')).toBe('Begin the address with https:// · Enter the address');
    expect(saysOf('crm.example:8080')).toBe('Begin the address with https:// · Enter the address');
    expect(['', 'Lime', 'ftp://crm.example', 'ann@crm.example'].map(saysOf)).toEqual(
      Array(4).fill('Enter the address'),
    );
    expect(saysOf('https://fjord.lime-crm.example/app')).toBeUndefined();
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
