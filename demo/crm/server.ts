// The made-up CRM of a demo installation, as a server on this machine: it speaks the connector contract, and has a page for visitors.
// Each section has a CRM of its own, at /<id of the section>.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { SectionId } from '@/lib/db/ids';
import { act } from './act';
export { peopleOf } from './people';
import { PAGE_POLICY, pageOf } from './page';
import { Sections, type SectionCrm, type Source } from './sections';
import { json, type SimAnswer, type SimRequest } from './wire';

/** Characters of a form. */
const MOST = 10_000;

export type RunningCrm = { port: number; stop: () => Promise<void> };

/** `slowMs`: how long it waits before each answer when it is slow. */
export type CrmOptions = Source & { slowMs?: number };

/** Listens on 127.0.0.1 only, on any free port. */
export async function startCrm({ slowMs = 3_000, ...source }: CrmOptions): Promise<RunningCrm> {
  const sections = new Sections(source);
  const stopping = new AbortController();
  let port = 0;

  async function answer(request: SimRequest): Promise<SimAnswer> {
    const { pathname } = request.url;
    const [, id = '', rest = ''] = /^\/(\d{1,9})(\/.*)?$/.exec(pathname) ?? [];
    // A name that leads here from elsewhere (DNS rebinding) is not ours.
    if (request.headers.host !== `127.0.0.1:${port}` || id === '') return json(404, { message: 'Not found' });
    const section = Number(id) as SectionId;
    if (rest === '') return page(request, sections.known(section));
    const crm = request.headers['x-api-key'] === source.apiKey ? await sections.of(section) : sections.known(section);
    if (!crm) return json(401, { message: 'Unauthorized' });
    if (crm.mood === 'slow') await pause(slowMs, undefined, { signal: stopping.signal });
    if (crm.mood === 'failing') return json(500, { message: 'The made-up CRM fails, as its page says.' });
    if (crm.mood === 'locked') return json(401, { message: 'The made-up CRM refuses the API key, as its page says.' });
    return crm.contract.answer(request);
  }

  function page({ method, headers, body, url }: SimRequest, crm: SectionCrm | undefined): SimAnswer {
    if (!crm) return html(404, 'This CRM does not exist yet: connect it in Tagwell first.');
    if (method !== 'POST') return html(200, pageOf(crm));
    // A form of another website.
    if (headers.origin !== `http://127.0.0.1:${port}`) return json(403, { message: 'Forbidden' });
    const problem = act(crm, Object.fromEntries(new URLSearchParams(body)));
    if (problem !== null) return html(400, pageOf(crm, problem));
    sections.save();
    return { status: 303, headers: { location: url.pathname }, body: '' };
  }

  const server = http.createServer((incoming, response) => {
    void requestOf(incoming)
      .then(answer)
      .catch((error: unknown) => json(500, { message: error instanceof Error ? error.message : 'It failed.' }))
      .then(({ status, headers = {}, body }) => response.writeHead(status, headers).end(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  port = (server.address() as AddressInfo).port;
  return {
    port,
    stop: async () => {
      stopping.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function requestOf(incoming: http.IncomingMessage): Promise<SimRequest> {
  let body = '';
  incoming.setEncoding('utf8');
  for await (const part of incoming) {
    body += part as string;
    if (body.length > MOST) throw new Error(`More than ${MOST} characters.`);
  }
  return {
    method: incoming.method ?? 'GET',
    url: new URL(incoming.url ?? '/', 'http://127.0.0.1'),
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    body,
  };
}

const html = (status: number, body: string): SimAnswer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY },
  body,
});
