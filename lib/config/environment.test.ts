import { describe, expect, it } from 'vitest';
import { EnvironmentError, parseEnvironment } from './environment';

describe('the environment', () => {
  it('has defaults for everything', () => {
    expect(parseEnvironment({})).toMatchObject({ PORT: 3000, TAGWELL_ROLE: 'all', TAGWELL_DATA_DIR: '.data' });
  });

  it.each([
    [{ PORT: 'http' }, 'PORT must be a port number'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL must begin with postgres://'],
    [{ TAGWELL_SECRET: 'short' }, 'TAGWELL_SECRET must have at least 32 characters'],
    [{ TAGWELL_ROLE: 'queue' }, 'TAGWELL_ROLE must be all, web, api or worker'],
  ])('says what is wrong with %j', (given, message) => {
    expect(() => parseEnvironment(given)).toThrow(EnvironmentError);
    expect(() => parseEnvironment(given)).toThrow(message);
  });
});
