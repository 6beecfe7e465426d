// A made-up Dynamics 365 environment with its sign-in, as a server (crm-apis §4.10).
import { SignIn } from './dynamics/sign-in';
import { Site } from './dynamics/site';
import { answerWebApi } from './dynamics/web-api';
import { DynamicsWorld } from './dynamics/world';
import { mutationsOf } from './population';
import { Simulator, type Vendor } from './server';
import { json, type SimAnswer } from '@/demo/crm/wire';

/** The three limits, as Dynamics words them. */
export const THROTTLES = {
  requests: ['0x80072322', 'Number of requests exceeded the limit of 6000 over time window of 300 seconds.'],
  time: [
    '0x80072321',
    'Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of 300 seconds.',
  ],
  concurrency: ['0x80072326', 'Number of concurrent requests exceeded the limit of 52.'],
} as const;
export type Throttle = keyof typeof THROTTLES;

/** A running environment. `settings`, `secrets`: what a connection to it enters. */
export type Dynamics = {
  simulator: Simulator;
  site: Site;
  world: DynamicsWorld;
  signIn: SignIn;
  settings: { environment: string; authority: string; tenantId: string; clientId: string };
  secrets: { clientSecret: string };
  /** Which of the three limits a fault `throttled` names. */
  throttle: (kind: Throttle) => void;
};

export async function startDynamics(port = 0): Promise<Dynamics> {
  const site = new Site();
  const signIn = new SignIn(site);
  let throttle: Throttle = 'requests';
  let world: DynamicsWorld | undefined;
  const vendorOf = ({ now, origin }: { now: () => number; origin: string }): Vendor => {
    const made = new DynamicsWorld(site, now);
    world = made;
    return {
      answer: (request) => {
        const tenant = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(request.url.pathname)?.[1];
        if (tenant) return signIn.token(request, decodeURIComponent(tenant), origin, now());
        if (!request.url.pathname.startsWith('/api/data/v9.2/')) return json(404, {});
        // As Dynamics does, without a body.
        if (!signIn.isValid(request.headers.authorization, now())) return { status: 401, body: '' };
        return answerWebApi({ site, now: now(), request });
      },
      limit: {
        calls: 6_000,
        perMs: 300_000,
        keyOf: ({ url, headers }) => (url.pathname.startsWith('/api/') ? (headers.authorization ?? '') : null),
      },
      throttled: (retryAfter): SimAnswer => {
        const [code, message] = THROTTLES[throttle];
        return json(
          429,
          { error: { code, message } },
          retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
        );
      },
      reset: (size) => made.reset(size),
      mutations: mutationsOf(made),
    };
  };
  const simulator = await Simulator.start(vendorOf, port);
  const { tenantId, clientId, clientSecret } = site.secrets;
  return {
    simulator,
    site,
    world: world!,
    signIn,
    settings: { environment: simulator.origin, authority: simulator.origin, tenantId, clientId },
    secrets: { clientSecret },
    throttle: (kind) => {
      throttle = kind;
    },
  };
}
