import { expect, test } from './fixtures';

const REPORT = [
  'Attendee Report,,,,,',
  'Report Generated:,"Mar 23, 2025 6:26 PM",,,,',
  'Topic,Webinar ID,Actual Start Time,Duration,# Registered,# Cancelled',
  'Spring demo,812 3456 7890,"Mar 22, 2025 7:13 PM",62,12,1',
  'Host Details,,,,,',
  'Attended,User Name,Email,Join Time,Leave Time,Country',
  'Yes,Hanna Host,ha.host@example.com,"Mar 22, 2025 19:13:27","Mar 22, 2025 20:15:19",Sweden',
  'Attendee Details,,,,,',
  'Attended,First Name,Last Name,Email,Approval Status,Country',
  'Yes,Ann,Ask,ha.ann@example.com,approved,Sweden',
  'No,Bea,Bok,ha.bea@example.com,approved,Denmark',
].join('\n');
/** Imię;Email;Miasto in Windows-1250, with Łukasz of Łódź and Żaneta of Kraków. */
const POLISH =
  'Imi\xEA;Email;Miasto\n\xA3ukasz;ha.luk@example.com;\xA3\xF3d\x9F\n\xAFaneta;ha.zan@example.com;Krak\xF3w\n';

test('a marketer chooses the header of the attendees in a webinar report, and the encoding in which names are right', async ({
  page,
  account,
  signIn,
  expectAccessible,
}) => {
  await signIn('user');
  const choose = async (name: string, content: Buffer) => {
    await page.goto(`/${account.section.slug}/imports/new`);
    await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: content });
    await expect(page.getByRole('heading', { name })).toBeVisible();
  };

  await choose('webinar.csv', Buffer.from(REPORT));
  await page.getByRole('button', { name: 'Line 9: use as column names' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Line 9: the column names' })).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'Approval Status' })).toBeVisible();
  await expect(page.getByText('What is above line 9 is not imported.')).toBeVisible();
  await expectAccessible();
  await page.getByRole('button', { name: 'Import 2 rows' }).click();
  await expect(page.getByText('2 new')).toBeVisible();

  await choose('polish.csv', Buffer.from(POLISH, 'latin1'));
  const encoding = page.getByRole('button', { name: /Encoding$/ });
  await expect(encoding).toContainText('Windows-1250');
  await encoding.click();
  await expect(page.getByRole('option', { name: /Windows-1252/ })).toContainText('£ukasz');
  await expectAccessible();
  await page.getByRole('option', { name: /Windows-1252/ }).click();
  await expect(page.getByRole('cell', { name: '£ukasz', exact: true })).toBeVisible();
  await encoding.click();
  await page.getByRole('option', { name: /Windows-1250/ }).click();
  await expect(page.getByRole('cell', { name: 'Łódź', exact: true }).first()).toBeVisible();

  await page.getByLabel('Column names are on line').fill('2');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('columnheader', { name: 'ha.luk@example.com' })).toBeVisible();
  await page.getByRole('button', { name: 'Line 1: use as column names' }).click();
  await page.getByRole('button', { name: 'Import 2 rows' }).click();
  await expect(page.getByText('2 new')).toBeVisible();
});
