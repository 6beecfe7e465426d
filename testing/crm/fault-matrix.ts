// The faults that every connector must survive, against its simulator (crm-apis §8). A read is whole, or it throws: it never ends early
// without saying so, since members that are missing lose their tag.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from './faults';
import { listMatrix } from './list-matrix';
import { failureOf, openSession, readAll, type Subject, type WholeRead } from './subject';

/** Pages of the list that is read, the last of them short. */
const PAGES = 4;

/** Registers the tests of a connector. `start` starts its simulator; the matrix stops it. */
export function faultMatrix<Settings, Secrets>(name: string, start: () => Promise<Subject<Settings, Secrets>>): void {
  describe(`${name}:`, () => {
    let subject: Subject<Settings, Secrets>;
    let list: string;
    let members: string[];

    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.simulator.stop());
    beforeEach(() => {
      const { simulator, world, pageSize, listOf } = subject;
      simulator.reset({ contacts: 0, lists: 0 });
      members = Array.from({ length: (PAGES - 1) * pageSize + 3 }, () => world.addContact()).toSorted();
      list = listOf(world.addList('Trade Show 2025', members));
    });

    const read = (options?: Parameters<typeof openSession>[1]) => readAll(openSession(subject, options).session, list);
    const failure = (options?: Parameters<typeof openSession>[1]) => failureOf(read(options), subject.secrets);
    const fault = (kind: Fault['kind'], more: Partial<Fault> = {}) =>
      subject.simulator.faults.set({ kind, match: subject.pages, after: 1, ...more });
    const pageCalls = () => subject.simulator.log.filter(({ line }) => new RegExp(subject.pages).test(line));
    const expectWhole = ({ ids, end }: WholeRead) => {
      expect(ids).toEqual(members);
      expect(end.seen).toBe(members.length);
    };

    describe('a read', () => {
      it('gives every member once, page by page, within the planned calls', async () => {
        const { session, http, concurrency } = openSession(subject);
        const whole = await readAll(session, list);
        await session.close();
        expectWhole(whole);
        expect(whole.end.skipped).toBe(0);
        expect(whole.pages).toBeGreaterThan(1);
        expect(http.calls).toBe(subject.simulator.log.length);
        expect(http.calls).toBeLessThanOrEqual(subject.plan(members.length));
        expect(Math.max(...subject.simulator.log.map(({ running }) => running))).toBeLessThanOrEqual(concurrency);
      });

      it('never puts its credentials into an address', async () => {
        await read();
        for (const secret of Object.values(subject.secrets)) {
          for (const { line } of subject.simulator.log) expect(line).not.toContain(secret);
        }
      });

      it('can be cancelled at any page', async () => {
        const stop = new AbortController();
        subject.simulator.beforeAnswer = ({ line }) => {
          if (new RegExp(subject.pages).test(line)) stop.abort();
        };
        expect(await failure({ signal: stop.signal })).toMatchObject({ kind: 'cancelled' });
      });
    });

    describe('a temporary fault of a page', () => {
      it.each<[string, Fault['kind'], Partial<Fault>]>([
        ['429 without Retry-After', 'throttled', {}],
        ['429 with Retry-After', 'throttled', { retryAfter: 7 }],
        ['500', 'error', {}],
        ['503', 'unavailable', {}],
        ['a reset', 'reset', {}],
      ])('is repeated until the page is there: %s', async (_what, kind, more) => {
        fault(kind, { times: 2, ...more });
        const began = subject.simulator.clock.now();
        expectWhole(await read());
        const [, failed, again] = pageCalls();
        expect(again?.line).toBe(failed?.line);
        expect(subject.simulator.clock.now() - began).toBeGreaterThanOrEqual((more.retryAfter ?? 0) * 2_000);
      });

      it('is repeated: silence', async () => {
        fault('timeout', { times: 1 });
        expectWhole(await read({ timeoutMs: 150 }));
      });

      it.each<[string, Fault['kind'], string]>([
        ['429', 'throttled', 'throttled'],
        ['500', 'error', 'unreachable'],
        ['503', 'unavailable', 'unreachable'],
        ['a reset', 'reset', 'unreachable'],
      ])('that stays ends the read: %s', async (_what, kind, as) => {
        fault(kind);
        expect(await failure()).toMatchObject({ kind: as });
        expect(pageCalls().length).toBeLessThanOrEqual(7);
      });

      it('that stays ends the read: silence', async () => {
        fault('timeout');
        expect(await failure({ timeoutMs: 80, tries: 2 })).toMatchObject({ kind: 'unreachable' });
      });

      it('is no fault: a slow answer', async () => {
        fault('slow');
        expectWhole(await read());
      });
    });

    describe('an answer that is none ends the read', () => {
      it.each<[Fault['kind'], string]>([
        ['html', 'unreadable'],
        ['truncated', 'unreadable'],
        ['empty', 'unreadable'],
        ['forbidden', 'permission'],
        ['missing', 'missing'],
        ['repeat', 'incomplete'],
      ])('%s', async (kind, as) => {
        fault(kind, kind === 'repeat' ? {} : { times: 1 });
        expect(await failure()).toMatchObject({ kind: as });
      });

      it('too long', async () => {
        expect(await failure({ answerChars: 20 })).toMatchObject({ kind: 'too_large' });
      });

      it('a link to another host, which is not called', async () => {
        if (!subject.nextLinks) return;
        fault('elsewhere', { after: 0 });
        expect(await failure()).toMatchObject({ kind: 'address' });
      });
    });

    describe('a server that gives fewer rows than it is asked for', () => {
      it('is asked until it has no more', async () => {
        if (subject.saysMore) return;
        fault('short', { after: 0, rows: Math.ceil(subject.pageSize / 3) });
        expectWhole(await read());
      });
    });

    describe('401 in the middle of a read', () => {
      const logins = () =>
        subject.simulator.log.filter(({ line }) => new RegExp(subject.login ?? '$^').test(line)).length;

      it('means to sign in again and go on, or to ask for the key', async () => {
        fault('unauthorised', { times: 1 });
        if (!subject.login) return expect(await failure()).toMatchObject({ kind: 'credentials' });
        expectWhole(await read());
        expect(logins()).toBe(2);
      });

      it('that stays ends the read, without signing in again and again', async () => {
        fault('unauthorised');
        expect(await failure()).toMatchObject({ kind: 'credentials' });
        expect(logins()).toBeLessThanOrEqual(2);
      });
    });

    describe('members that change between pages', () => {
      /** Does something once, before the second page is answered. */
      const beforeSecondPage = (change: () => void) => {
        let pages = 0;
        subject.simulator.beforeAnswer = ({ line }) => {
          if (!new RegExp(subject.pages).test(line)) return;
          pages += 1;
          if (pages === 2) change();
        };
      };
      const worldList = () => subject.world.addList('Changing', members);

      it('who join do not displace or repeat others', async () => {
        const id = worldList();
        beforeSecondPage(() => subject.world.addMembers(id, [subject.world.addContact(), subject.world.addContact()]));
        const { ids, end } = await readAll(openSession(subject).session, subject.listOf(id));
        expect(new Set(ids).size).toBe(ids.length);
        expect(end.seen).toBe(ids.length);
        expect(ids).toEqual(expect.arrayContaining(members));
      });

      it('who leave do not take others with them', async () => {
        const id = worldList();
        const gone = members.slice(0, 3);
        beforeSecondPage(() => subject.world.removeMembers(id, gone));
        const { ids } = await readAll(openSession(subject).session, subject.listOf(id));
        expect(ids).toEqual(expect.arrayContaining(members.slice(3)));
        expect(new Set(ids).size).toBe(ids.length);
      });

      it('who are deleted do not stop the read', async () => {
        const gone = members.at(-1)!;
        beforeSecondPage(() => subject.world.deleteContact(gone));
        const { ids, end } = await read();
        expect(ids.filter((id) => id !== gone)).toEqual(members.slice(0, -1));
        expect(end.seen).toBe(ids.length);
      });
    });

    describe('the test of a connection', () => {
      const check = (options?: Parameters<typeof openSession>[1]) => openSession(subject, options).session.check();

      it('names the setting with a field that contacts do not have', async () => {
        const own = { ...subject, settings: { ...(subject.settings as object), emailFields: 'nosuchfield' } };
        if (!subject.checksFields) return;
        expect(await openSession(own).session.check()).toMatchObject({
          ok: false,
          message: expect.stringMatching(/“nosuchfield”.*Correct “.*[Ee]mail/) as string,
        });
      });

      it('says who is signed in, the same each time', async () => {
        const first = await check();
        expect(first).toMatchObject({ ok: true, account: expect.stringMatching(/./) as string });
        expect(await check()).toEqual(first);
      });

      it.each<[Fault['kind'], string]>([
        ['unauthorised', 'credentials'],
        ['reset', 'unreachable'],
        ['unavailable', 'unreachable'],
        ['html', 'wrong_address'],
        ['missing', 'wrong_address'],
      ])('%s: %s', async (kind, reason) => {
        fault(kind, { match: '', after: 0 });
        const result = await check({ tries: 2 });
        expect(result).toMatchObject({ ok: false, reason, message: expect.stringMatching(/\.$|”$/) as string });
        for (const secret of Object.values(subject.secrets)) expect(JSON.stringify(result)).not.toContain(secret);
      });
    });

    listMatrix(() => subject);
  });
}
