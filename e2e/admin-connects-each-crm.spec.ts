// Each of the five CRMs, made up as a server: connected, its list synced, changed, renamed and deleted there.
import type { Page } from '@playwright/test';
import { startDynamics } from '@/testing/crm/dynamics';
import { startEfficy } from '@/testing/crm/efficy';
import { API_KEY, startLime } from '@/testing/crm/lime/simulator';
import type { World } from '@/testing/crm/population';
import type { Simulator } from '@/testing/crm/server';
import { startTribe } from '@/testing/crm/tribe';
import { startWebcrm, TOKEN } from '@/testing/crm/webcrm/simulator';
import { addProfiles, expect, test } from './fixtures';

const PEOPLE = 12;

type MadeUpCrm = {
  simulator: Simulator;
  world: World;
  /** What to enter, by label. `more`: behind “More settings”. */
  settings: Record<string, string>;
  more?: Record<string, string>;
  secret: { label: string; value: string };
};

const CRMS: { name: string; prefix: string; start: () => Promise<MadeUpCrm> }[] = [
  {
    name: 'Lime CRM',
    prefix: 'Lime',
    start: async () => {
      const { simulator, world, address } = await startLime();
      return { simulator, world, settings: { Address: address }, secret: { label: 'API key', value: API_KEY } };
    },
  },
  {
    name: 'webCRM',
    prefix: 'webCRM',
    start: async () => {
      const { simulator, world } = await startWebcrm();
      const secret = { label: 'Application token', value: TOKEN };
      return { simulator, world, settings: {}, more: { Address: simulator.origin }, secret };
    },
  },
  {
    name: 'Microsoft Dynamics 365',
    prefix: 'Dynamics',
    start: async () => {
      const { simulator, world, settings, secrets } = await startDynamics();
      return {
        simulator,
        world,
        settings: {
          'Environment address': settings.environment,
          'Directory (tenant) ID': settings.tenantId,
          'Application (client) ID': settings.clientId,
        },
        more: { 'Sign-in address': settings.authority },
        secret: { label: 'Client secret', value: secrets.clientSecret },
      };
    },
  },
  {
    name: 'Tribe CRM',
    prefix: 'Tribe',
    start: async () => {
      const { simulator, site, settings, secrets } = await startTribe();
      return {
        simulator,
        world: site,
        settings: { 'Client ID': settings.clientId },
        more: { 'API address': settings.api, 'Sign-in address': settings.authority },
        secret: { label: 'Client secret', value: secrets.clientSecret },
      };
    },
  },
  {
    name: 'efficy CRM',
    prefix: 'efficy',
    start: async () => {
      const { simulator, site, settings, secrets } = await startEfficy();
      return {
        simulator,
        world: site,
        settings: { 'Server address': settings.address },
        secret: { label: 'API key', value: secrets.apiKey },
      };
    },
  },
];

for (const { name, prefix, start } of CRMS) {
  test(`an admin connects ${name}, and its tag follows a list that is changed, renamed and deleted there`, async ({
    page,
    account,
    signIn,
  }) => {
    const crm = await start();
    const { simulator, world } = crm;
    simulator.reset({ contacts: 0, lists: 0 });
    const profiles = await addProfiles(account, PEOPLE);
    const contacts = profiles.map((_, index) => world.addContact({ email: `person${index + 1}@example.com` }));
    const list = world.addList('Trade Show', contacts);

    await signIn('admin');
    await page.goto(`/${account.section.slug}/settings/integrations/new`);
    await expect(page.getByText('made-up')).toHaveCount(0);
    await enterSettings(page, name, crm);
    await page.getByLabel(crm.secret.label, { exact: true }).fill('a wrong one');
    await page.getByRole('button', { name: 'Test and connect' }).click();
    await expect(page.getByRole('alert').filter({ hasText: /refused|wrong/ })).toBeVisible();
    await page.getByLabel(crm.secret.label, { exact: true }).fill(crm.secret.value);
    await page.getByRole('button', { name: 'Test and connect' }).click();

    await page.getByText('Trade Show', { exact: true }).click();
    await expect(page.getByLabel('Tag of Trade Show')).toHaveValue(`${prefix}: Trade Show`);
    await page.getByRole('button', { name: 'Add 1 list' }).click();
    await page.getByRole('button', { name: 'Dry run' }).click();
    await expect(page.getByText(`${PEOPLE} people would get a tag`)).toBeVisible();
    await page.getByRole('button', { name: 'Apply exactly this' }).click();
    await expect(page.getByRole('button', { name: 'Undo…' })).toBeVisible();
    const connection = new URL(page.url()).pathname.replace(/\/runs\/.*/, '');
    await page.goto(`/${account.section.slug}/profiles/${profiles[0]}`);
    await page.getByRole('button', { name: `${prefix}: Trade Show: where it came from` }).click();
    await expect(page.getByRole('dialog').getByText(new RegExp(`^Integration.* ${name}: Trade Show`))).toBeVisible();

    world.renameList(list, 'Fair');
    world.removeMembers(list, [contacts[0]!]);
    await page.goto(connection);
    await page.getByRole('button', { name: 'Sync now' }).click();
    await expect(page.getByRole('button', { name: '1 lost the tag' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Undo…' })).toBeVisible();
    await page.goto(connection);
    await page.getByRole('button', { name: 'Take over the name' }).click();
    await page.getByRole('button', { name: 'Take over', exact: true }).click();
    await expect(page.getByRole('link', { name: `${prefix}: Fair` })).toBeVisible();

    world.deleteList(list);
    await page.getByRole('button', { name: 'Sync now' }).click();
    await expect(page.getByText(/^The CRM does not have this list now. Its tag stays as it is/)).toBeVisible();
    await simulator.stop();
  });
}

/** Chooses the CRM in the form, and enters all but the secret. */
async function enterSettings(page: Page, name: string, { settings, more }: MadeUpCrm): Promise<void> {
  await page.getByText(name).click();
  for (const [label, value] of Object.entries(settings)) await page.getByLabel(label, { exact: true }).fill(value);
  if (!more) return;
  await page.getByText('More settings').click();
  for (const [label, value] of Object.entries(more)) await page.getByLabel(label, { exact: true }).fill(value);
}
