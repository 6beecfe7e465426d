import { defineConfig } from '@playwright/test';

const asRoot = process.getuid?.() === 0;

/**
 * Features of the browser that are off. The first ones are pages of its address bar, which it loads for each window: a tenth of the
 * run. The list replaces Playwright's, so the rest is what that has.
 */
const OFF = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/stories',
  globalSetup: './e2e/server.ts',
  fullyParallel: true,
  workers: 2,
  // The stories of their own installation run one after the other: they come first, so that no worker is idle at the end.
  projects: [
    { name: 'own installation', testMatch: 'own-installation.spec.ts' },
    { name: 'shared installation', testIgnore: 'own-installation.spec.ts' },
  ],
  forbidOnly: !!process.env.CI,
  retries: 0,
  // A story takes 30 s at most where the machine is free. These are for one that is busy: what hangs still ends.
  timeout: 300_000,
  expect: { timeout: 40_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/stories.json' }]],
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    timezoneId: 'Europe/Stockholm',
    // Half an animation has no colour of its own, and costs time.
    contextOptions: { reducedMotion: 'reduce' },
    // Recording every story costs a third of the run: TAGWELL_TRACE=1 records those that one looks into.
    trace: process.env.TAGWELL_TRACE ? 'on' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(process.env.TAGWELL_BROWSER && { executablePath: process.env.TAGWELL_BROWSER }),
      args: [
        ...(asRoot ? ['--no-sandbox'] : []),
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        `--disable-features=${OFF.join(',')}`,
      ],
    },
  },
});
