import { beforeEach, expect, it } from '@jest/globals';
import { EspClient } from 'esp-host/client';
import { describeConsole } from './console-setting.ts';

const NUMBER = '+353861234567';

describeConsole('the configuration of a platform', (setting) => {
  it('shows applications, types, channels and connections', async () => {
    const { console, platform } = setting();
    await console.go('configuration');
    const row = (table: string, name: RegExp) =>
      console.page.getByRole('group', { name: table, exact: true }).getByRole('row', { name });
    await row('Applications', /^DMS 171 SocialMS host 127\.0\.0\.1:\d+ connected/).waitFor();
    await row('Applications', /^Classification Server 90 .* stubs 127\.0\.0\.1:\d+ connected/).waitFor();
    await row('Applications', /^E-mail Server 64 E-Mail Server Java stubs .* connected/).waitFor();
    await row('Application types', /^171 SocialMS/).waitFor();
    await row('Channels', /^whatsapp whatsapp phoneNumber=\+919876543210 driver=on-premises url=http/).waitFor();
    await row('Connections', /^Interaction Server 127\.0\.0\.1:\d+ Host .* off/).waitFor();
    await using client = new EspClient({
      ...platform.esp,
      addp: { timeoutMs: 7000, remoteTimeoutMs: 7000 },
    });
    await client.connect();
    await row('Connections', /^127\.0\.0\.1:\d+ Host .* timeout 7 s/).waitFor();
    await console.page.getByText(`127.0.0.1:${platform.esp.port}`).first().waitFor();
  });
});

describeConsole('faults of a platform', (setting) => {
  const fault = async (Id: string) => (await setting().validate({ Id })).fault;
  const on = () => setting().console.page.getByRole('group', { name: 'Active faults' });

  beforeEach(async () => {
    setting().platform.reset();
    await setting().console.go('faults');
  });

  it('apply to matching requests until they are removed, as the journal shows', async () => {
    const { console } = setting();
    const { page } = console;
    await page.getByText('espFault', { exact: true }).click();
    await page.getByLabel(/^code/).fill('920');
    await page.getByLabel(/^text/).fill('switched on');
    await page.getByLabel('Service').fill('Messaging');
    await page.getByRole('button', { name: 'Parameter' }).click();
    await page.getByLabel('Parameter 1: key').fill('Id');
    await page.getByLabel('Parameter 1: value').fill('/^\\+353/');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await on()
      .getByRole('row', { name: /espFault .*920/ })
      .waitFor();
    expect(await fault(NUMBER)).toEqual({ code: '920', text: 'switched on' });
    expect(await fault('+16315551002')).toBeUndefined();
    await on()
      .getByRole('row', { name: /espFault .* 1 / })
      .waitFor();
    await page.getByRole('button', { name: /^Remove espFault/ }).click();
    await page.getByText('No active faults.').waitFor();
    expect(await fault(NUMBER)).toBeUndefined();
    await console.go('journal');
    await page.getByText('injected', { exact: true }).first().waitFor();
    await console.filter.fill('injected:espFault');
    await console.shows('1 of 3 requests');
    await console.rows.first().getByText('920 switched on').waitFor();
  });

  it('make the WhatsApp API fail', async () => {
    const { page } = setting().console;
    await page.getByText('upstreamStatus', { exact: true }).click();
    await page.getByLabel(/^status/).fill('503');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await on()
      .getByRole('row', { name: /upstreamStatus .*503/ })
      .waitFor();
    expect((await fault(NUMBER))?.code).toMatch(/^9\d\d$/);
    await page.getByRole('button', { name: 'Remove all' }).click();
    await page.getByText('No active faults.').waitFor();
    expect(await fault(NUMBER)).toBeUndefined();
  });

  it('are all in the list of kinds, with descriptions', async () => {
    const { console } = setting();
    const kinds = await console.page.locator('.kinds strong').allTextContents();
    expect(kinds.toSorted()).toEqual(
      ['addpSilence', 'connectionReset', 'delay', 'disconnect', 'espFault', 'halfFrame', 'noAnswer'].concat([
        'upstreamAnswerLost',
        'upstreamDelay',
        'upstreamHalfAnswer',
        'upstreamReset',
        'upstreamStatus',
        'whatsapp.apiError',
        'whatsapp.cloudError',
        'whatsapp.webhooks',
        'wrongReferenceId',
      ]),
    );
  });
});

describeConsole('stubs of a platform', (setting) => {
  beforeEach(() => setting().platform.reset());

  it('are listed, and an added one answers', async () => {
    const { console, platform } = setting();
    const { page } = console;
    await console.go('stubs');
    await page.locator('summary', { hasText: 'classify a complaint' }).getByText('never hit').waitFor();
    await page.getByRole('combobox', { name: 'Server' }).selectOption('Classification Server');
    const text = page.getByLabel(/^Definition/).and(page.locator('textarea'));
    await text.fill(
      'name: a greeting\nmatch: { service: Hello, method: Greet }\nanswer: { parameters: { Text: Hi } }\n',
    );
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const stub = page.locator('summary', { hasText: 'a greeting' });
    await stub.getByText('never hit').waitFor();
    await using client = new EspClient(platform.interactionServer);
    await client.connect();
    const reply = await client.request({ appType: 90, service: 'Hello', method: 'Greet' });
    expect(reply.parameters.string('Text')).toBe('Hi');
    await stub.getByText('1 hit').waitFor();
    await stub.click();
    await page.locator('.definition pre', { hasText: 'Greet' }).waitFor();
    await page.getByRole('button', { name: 'Remove a greeting' }).click();
    await stub.waitFor({ state: 'detached' });
  });

  it('accept a journal entry copied as a stub', async () => {
    const { console, platform, validate } = setting();
    await validate({ Id: '+16315551002' });
    const [{ id = 0 } = {}] = platform.journal.find({ method: 'ValidateContact' });
    await console.go(`journal/${id}`);
    await console.page
      .getByRole('group', { name: 'Copy as' })
      .getByRole('button', { name: 'stub', exact: true })
      .click();
    await console.noted('Copied as stub');
    const stub = await console.clipboard();
    await console.go('stubs');
    const text = console.page.getByLabel(/^Definition/).and(console.page.locator('textarea'));
    await text.fill(stub);
    await console.page.getByRole('button', { name: 'Add', exact: true }).click();
    await console.noted(/^Added 1 stub to/);
  });
});

describeConsole('strategies of a platform', (setting) => {
  const run = async (Id: string): Promise<string[]> => {
    const { page } = setting().console;
    await page.getByLabel('Id', { exact: true }).fill(Id);
    const ran = page.waitForResponse(/api\/strategies\/run/);
    await page.getByRole('button', { name: 'Run' }).click();
    await ran;
    await page.getByRole('button', { name: 'Run' }).waitFor();
    return page.locator('.step-taken .step-id').allTextContents();
  };

  beforeEach(async () => {
    setting().platform.reset();
    await setting().console.go('strategies');
  });

  it('show the path of a run, and what its steps sent and received', async () => {
    const { page } = setting().console;
    expect(await run('+1-631-555-1002')).toEqual(['ask', 'whatsapp', 'to-whatsapp']);
    await page.getByText('Routed to WhatsApp queue').waitFor();
    const sent = page.getByRole('tree', { name: 'Sent parameters' });
    await sent.getByRole('treeitem', { name: 'Id str +1-631-555-1002' }).waitFor();
    const got = page.getByRole('tree', { name: 'Received parameters' });
    await got.getByRole('treeitem', { name: 'Id str +16315551002' }).waitFor();
  });

  it('take each branch, and leave their requests in the journal and charts', async () => {
    const { console } = setting();
    const { page } = console;
    await run('+1-631-555-1002');
    expect(await run(NUMBER)).toEqual(['ask', 'sms', 'to-sms']);
    await page.getByText('Routed to SMS queue').waitFor();
    expect(await run('no number')).toEqual(['ask', 'email', 'to-email']);
    await page.getByText('Routed to E-mail queue').waitFor();
    await page.locator('.detail-fault', { hasText: 'Id' }).waitFor();
    await console.go('journal');
    await console.shows('3 requests');
    await console.go('charts');
    const requests = page.getByRole('slider', { name: 'Requests by outcome' });
    await requests.waitFor();
    await page.locator('.legend li', { hasText: /^Faults? *1$/ }).waitFor();
    await page.locator('.legend li', { hasText: /^Responses? *2$/ }).waitFor();
    await page.getByText('Show as a table').click();
    await page.getByRole('group', { name: 'Requests and latency' }).getByRole('row').nth(1).waitFor();
  });
});
