import { readFile } from 'node:fs/promises';
import { addAttribute, addEvent, addProfiles, addTag, chooseByEnter, expect, test } from './fixtures';

test('a marketer builds a segment with live counts, explains a member, exports and tags everyone, and undoes it', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  const people = await addProfiles(account, 40);
  const some = (from: number, to: number) => people.slice(from - 1, to);
  await addTag(account, 'VIP', some(1, 20));
  await addTag(account, 'Partner', some(16, 25));
  await addTag(account, 'Do not contact', some(1, 3));
  const swedes = people.filter((_id, index) => index % 2 === 1);
  await addAttribute(
    account,
    { name: 'Country', code: 'country', type: 'text' },
    new Map(people.map((id) => [id, swedes.includes(id) ? 'Sweden' : 'Norway'])),
  );
  await addEvent(account, 'Email opened', new Map([...some(4, 9).map((id) => [id, 10] as const), [people[9]!, 200]]));
  // Persons 10, 12, 14, 16, 18, 20, 22 and 24: VIPs and partners to 25, without the first three, Swedes, quiet.
  const members = 8;

  await signIn('user');
  await page.goto('/');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Segments' }).click();
  await expect(page.getByRole('heading', { name: 'No segments yet' })).toBeVisible();
  await expectAccessible();
  await page.getByRole('link', { name: 'New segment' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('Quiet VIPs and partners in Sweden');

  const total = page.getByTestId('total');
  const add = async (what: string, to = page.getByRole('button', { name: 'Add a condition' }).last()) => {
    await to.click();
    await chooseByEnter(page.getByRole('combobox', { name: 'Add a condition' }), what);
  };
  await add('A group of');
  const group = page.getByRole('group', { name: 'A group: an empty group' });
  await expect(group).toContainText('This group is empty');
  await add('VIP', group.getByRole('button', { name: 'Add a condition' }));
  await expect(total).toHaveText('20');
  const either = page.getByRole('group', { name: /A group: / });
  await add('Partner', either.getByRole('button', { name: 'Add a condition' }));
  await expect(total).toHaveText('25');
  await add('Do not');
  await page.getByRole('combobox', { name: 'Has or does not have', exact: true }).last().selectOption('does not have');
  await expect(total).toHaveText('22');
  await add('Country');
  await expect(page.getByText('Not counted yet: Enter some text.')).toBeVisible();
  await page.getByRole('combobox', { name: 'Country', exact: true }).fill('sweden');
  await expect(total).toHaveText('11');
  await add('Email opened');
  await page.getByRole('combobox', { name: 'Has or does not have the event' }).selectOption('does not have the event');
  await expect(total).toHaveText(String(members));
  await expect(page.getByRole('region', { name: 'Profiles that match' })).toContainText(
    'Everyone who has either VIP or Partner, who does not have Do not contact, whose Country is “sweden” and who does not have the event Email opened in the last 90 days.',
  );
  await expect(page.getByRole('region', { name: 'Newest profiles' })).toContainText('person24@example.com');
  await expectAccessible();

  await page.reload();
  await expect(page.getByText('Your unsaved changes have been restored.')).toBeVisible();
  await expect(total).toHaveText(String(members));
  await page.getByRole('button', { name: 'Save segment' }).click();
  await expect(page.getByRole('heading', { name: 'Quiet VIPs and partners in Sweden' })).toBeVisible();
  const list = page.getByRole('region', { name: 'Members', exact: true });
  await expect(list).toContainText(`${members} profiles`);
  await expect(page.getByRole('region', { name: 'Members by tag' })).toContainText('VIP');
  await expectAccessible();

  await list.getByRole('link', { name: 'Why? Person 10' }).click();
  await expect(page.getByRole('heading', { name: 'Why Person 10 is in this segment' })).toBeVisible();
  const why = page.getByRole('region', { name: 'Condition by condition' });
  await expect(why).toContainText('Last applied');
  await expect(why).toContainText('By hand');
  await expect(why).toContainText('No matching event');
  await expectAccessible();
  await page.getByRole('link', { name: 'Open the segment' }).click();
  await page.getByRole('button', { name: 'Why is someone in or out?' }).click();
  const whom = page.getByRole('combobox', { name: 'Which profile?' });
  await whom.fill('person10@');
  await expect(page.getByRole('option', { name: /Person 10/ })).toBeVisible();
  // Results of the previous text must not appear for the new one.
  let answerNow = () => {};
  const asked = new Promise<void>((resolve) => (answerNow = resolve));
  await page.route('**/profiles/find?q=person4*', (route) => asked.then(() => route.continue()));
  await whom.fill('person4@');
  await expect(page.getByRole('option', { name: /Person 10/ })).toBeHidden();
  await page.keyboard.press('Enter');
  answerNow();
  await page.getByRole('option', { name: /Person 4/ }).click();
  await expect(page.getByRole('heading', { name: 'Why Person 4 is not in this segment' })).toBeVisible();
  await page.getByRole('link', { name: 'Open the segment' }).click();

  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'None' }).click();
  await dialog.getByText('Email', { exact: true }).click();
  await dialog.getByText('Tags', { exact: true }).click();
  await expectAccessible();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download CSV' }).click(),
  ]);
  await expect(dialog.getByText('Your browser fetches the file')).toBeVisible();
  const file = await readFile(await download.path(), 'utf8');
  expect(file.trimEnd().split('\r\n').sort()).toEqual([
    'Email,Tags',
    'person10@example.com,VIP',
    'person12@example.com,VIP',
    'person14@example.com,VIP',
    'person16@example.com,Partner|VIP',
    'person18@example.com,Partner|VIP',
    'person20@example.com,Partner|VIP',
    'person22@example.com,Partner',
    'person24@example.com,Partner',
  ]);
  await page.getByRole('button', { name: 'Close' }).last().click();

  await page.getByRole('button', { name: 'Tag members…' }).click();
  await chooseByEnter(page.getByRole('combobox', { name: 'Tags to apply or to remove' }), 'Call list');
  await expect(page.getByText(`Call list, a new tag: ${members} profiles change`)).toBeVisible();
  await page.getByRole('button', { name: 'Apply changes' }).click();
  await expect(page.getByText(`${members} tags applied`)).toBeVisible();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(list.getByText('Call list').filter({ visible: true }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText(`Done. ${members} tag changes undone`)).toBeVisible();
  await expect(list.getByText('Call list')).toHaveCount(0);
  await page.goto(`/${account.section.slug}/activity`);
  await page.getByRole('link', { name: /Undo/ }).first().click();
  await expect(page.getByText(`${members} tag changes undone`)).toBeVisible();
});
