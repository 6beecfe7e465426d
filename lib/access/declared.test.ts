// Checks every declared command and query of lib against the same rules: no access to other accounts, to sections that
// the person may not see, or beyond the role.
import { beforeAll, describe, expect, it } from 'vitest';
import type { SectionId } from '@/lib/db/ids';
import { createTestAccount, createTestSection, type TestAccount } from '@/testing/fixtures';
import { productDeclarations, type Declaration } from '@/testing/declarations';
import type { ClientActor } from './actor';
import { onCall, type Call } from './declared';
import { mayAct } from './policy';

let declarations: Declaration[];
let account: TestAccount;
let stranger: TestAccount;
let unseen: SectionId;
beforeAll(async () => {
  declarations = await productDeclarations();
  account = await createTestAccount();
  stranger = await createTestAccount();
  unseen = await createTestSection(account.accountId, 'Not for the marketer');
});

const codeOf = async (declared: Declaration, actor: Parameters<typeof declared.call>[0], input: object) => {
  const result = await declared.call(actor, input as never);
  return result.ok ? 'ok' : result.refusal.code;
};
const named = ({ kind, name }: Declaration) => `${kind} ${name}`;
const client = (more: Partial<ClientActor> = {}): ClientActor => ({
  kind: 'client',
  apiKeyId: 1 as ClientActor['apiKeyId'],
  accountId: account.accountId,
  name: 'Test client',
  sections: 'all',
  keyspaces: 'all',
  canWrite: true,
  from: { ip: null, userAgent: null },
  ...more,
});

describe('every command and query', () => {
  it('has a unique name', () => {
    expect(declarations.length).toBeGreaterThan(100);
    expect(declarations.map(named).toSorted()).toEqual([...new Set(declarations.map(named))].toSorted());
  });

  it('of a section does not reveal sections of another account', async () => {
    for (const declared of declarations.filter(({ scope }) => scope === 'section')) {
      const code = await codeOf(declared, account.owner, { sectionId: stranger.sectionId });
      expect([named(declared), code]).toEqual([named(declared), 'not_found']);
    }
  });

  it('of a section does not reveal sections that the actor may not see', async () => {
    const limited = client({ sections: [account.sectionId] });
    for (const declared of declarations.filter(({ scope }) => scope === 'section')) {
      for (const actor of [account.marketer, limited]) {
        const code = await codeOf(declared, actor, { sectionId: unseen });
        const expected = mayAct(actor, declared.allow) ? 'not_found' : 'not_allowed';
        expect([named(declared), actor.kind, code]).toEqual([named(declared), actor.kind, expected]);
      }
    }
  });

  it('is refused if the role or API key does not allow it', async () => {
    for (const declared of declarations) {
      for (const actor of [account.marketer, account.admin, client(), client({ canWrite: false })]) {
        if (mayAct(actor, declared.allow)) continue;
        const code = await codeOf(declared, actor, { sectionId: account.sectionId });
        expect([named(declared), code]).toEqual([named(declared), 'not_allowed']);
      }
    }
  });

  it('is reported when it ends, by name and outcome and without its input', async () => {
    const calls: Call[] = [];
    onCall((call) => calls.push(call));
    try {
      const sections = declarations.find(({ name }) => name === 'sections.list')!;
      const from = { ...account.owner.from, requestId: 'request-1' };
      await sections.call({ ...account.owner, from }, {} as never);
      await codeOf(
        declarations.find(({ name }) => name === 'users.list')!,
        account.marketer,
        { secret: 'word' },
      );
    } finally {
      onCall(undefined);
    }
    const seconds = expect.any(Number) as number;
    expect(calls).toEqual([
      {
        kind: 'query',
        name: 'sections.list',
        outcome: 'ok',
        seconds,
        actor: `user:${account.owner.userId}`,
        requestId: 'request-1',
      },
      {
        kind: 'query',
        name: 'users.list',
        outcome: 'not_allowed',
        seconds,
        actor: `user:${account.marketer.userId}`,
        requestId: undefined,
      },
    ]);
  });
});
