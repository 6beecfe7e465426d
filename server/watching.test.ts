// Operability: the log entry of a failure is found by its request id, the log contains no values, and metrics show what is queued.
import { register } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { InSection, onCall } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { createTestAccount } from '@/testing/fixtures';
import { watchCalls } from './calls';
import { errorForLog } from './error-for-log';
import { Front } from './front';
import { log } from './log';
import { state } from './state';

let front: Front;
let url: string;
const seen: { header: unknown; raw: string[] }[] = [];
beforeAll(async () => {
  front = new Front({
    times: { wholeMs: 5_000, uploadPeriodMs: 5_000, uploadPeriodBytes: 1_000 },
    uploadBytes: 50_000,
  });
  url = `http://127.0.0.1:${await front.listen('127.0.0.1', 0)}`;
  state.starting = null;
  front.serve((request, response) => {
    seen.push({ header: request.headers['x-request-id'], raw: request.rawHeaders });
    response.end('done');
  });
});
afterAll(async () => {
  state.starting = 'the process';
  await front.stop();
});
afterEach(() => {
  vi.restoreAllMocks();
  onCall(undefined);
  seen.length = 0;
});

describe('the id of a request', () => {
  it('is in the response and reaches the handler once, in place of what the caller sent', async () => {
    const answers = [
      await fetch(url),
      await fetch(url, { headers: { 'x-request-id': '<script>', 'x-tagwell-client': '10.0.0.1' } }),
    ];
    const ids = answers.map((answer) => answer.headers.get('x-request-id'));
    expect(ids).toEqual([expect.stringMatching(/^[\w-]{36}$/), expect.stringMatching(/^[\w-]{36}$/)]);
    expect(new Set(ids).size).toBe(2);
    expect(seen.map(({ header }) => header)).toEqual(ids);
    for (const { raw } of seen) {
      const names = raw.filter((_part, index) => index % 2 === 0).map((name) => name.toLowerCase());
      for (const ours of ['x-request-id', 'x-tagwell-client']) {
        expect(names.filter((name) => name === ours)).toHaveLength(1);
      }
      expect(raw).not.toContain('10.0.0.1');
    }
  });

  it('is the one that a trusted proxy assigned', async () => {
    const answer = await fetch(url, { headers: { 'x-request-id': 'proxy-7f3a9c21' } });
    expect(answer.headers.get('x-request-id')).toBe('proxy-7f3a9c21');
  });
});

describe('the log', () => {
  it('has an error’s stack and cause, and none of the values', async () => {
    const key = 'anna@example.com';
    const failures = [
      await rows(pool(), sql`select ${key}::text::int`).catch((error: unknown) => error),
      await rows(pool(), sql`insert into installation (id, set_up_token_hash) values (${-1}, ${key})`).catch(
        (error: unknown) => error,
      ),
      await Promise.reject(new Error('outer', { cause: new SyntaxError(`Unexpected token in "${key}"`) })).catch(
        (error: unknown) => error,
      ),
    ];
    for (const failure of failures) {
      const logged = errorForLog(failure);
      expect(JSON.stringify(logged)).not.toContain('anna');
      expect(logged.stack).toMatch(/\n {4}at /);
    }
    expect(errorForLog(failures[1])).toMatchObject({ code: '23514', table: 'installation' });
    expect(errorForLog(failures[2])).toMatchObject({ message: 'outer', cause: { type: 'SyntaxError' } });
  });

  it('has a debug line for each call, with its name and outcome and without its input', async () => {
    const lines = vi.spyOn(log, 'debug').mockReturnValue(undefined);
    watchCalls();
    const { admin, sectionId } = await createTestAccount();
    const asked = query({
      name: 'test.watched',
      scope: 'section',
      allow: 'admins',
      input: InSection.extend({ word: z.string() }),
      run: (_context, { word }) => Promise.reject(new Error(`fails at ${word.length}`)),
    });
    const from = { ...admin.from, requestId: 'request-9' };
    const failure = await asked({ ...admin, from }, { sectionId, word: 'secret' }).catch((error: unknown) => error);
    // The digest that the error page shows.
    expect(failure).toMatchObject({ digest: 'request-9' });
    expect(lines.mock.calls).toEqual([
      [
        {
          query: 'test.watched',
          outcome: 'error',
          ms: expect.any(Number) as number,
          actor: `user:${admin.userId}`,
          requestId: 'request-9',
        },
        'a call',
      ],
    ]);
    expect(await register.getSingleMetricAsString('tagwell_call_seconds')).toMatch(
      /tagwell_call_seconds_count\{kind="query",name="test\.watched",outcome="error"\} 1/,
    );
  });
});

describe('/metrics', () => {
  it('shows what is queued, and how far behind the ledger’s readers are', async () => {
    await rows(pool(), sql`select graphile_worker.add_job('test_task', run_at => now() - interval '1 minute')`);
    const answer = await fetch(`${url}/metrics`);
    const text = await answer.text();
    expect(answer.status).toBe(200);
    const valueOf = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    expect(valueOf('tagwell_jobs_waiting\\{task="test_task"\\}')).toBe(1);
    expect(valueOf('tagwell_job_oldest_seconds\\{task="test_task"\\}')).toBeGreaterThanOrEqual(60);
    expect(valueOf('tagwell_webhook_messages_waiting')).toBe(0);
    expect(valueOf('tagwell_webhook_message_oldest_seconds')).toBe(0);
    expect(valueOf('tagwell_ledger_lag')).toBe(0);
    expect(valueOf('tagwell_database_connections\\{state="total"\\}')).toBeGreaterThan(0);
    expect(valueOf('tagwell_database_connections\\{state="waiting"\\}')).toBeGreaterThanOrEqual(0);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  });
});
