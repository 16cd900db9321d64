import { describe, expect, it } from 'vitest';
import { grace, links, NOW, startPages } from './pages.fixture.ts';

describe('the forms of faults and limits', () => {
  it('set a fault and end it', async () => {
    const { get, post, parts } = await startPages();
    const fields = {
      service: 'graph',
      route: 'POST /v1.0/*',
      mailbox: '',
      kind: 'throttle',
      rate: '12.5',
      count: '',
      after: '3',
      status: '503',
      code: 'x',
      retryAfter: '9',
      ms: '1',
    };
    expect((await post('/faults', fields)).status).toBe(303);
    expect(parts.faults.rules()).toMatchObject([
      { service: 'graph', route: 'POST /v1.0/*', rate: 0.125, after: 3, fault: { kind: 'throttle', retryAfter: 9 } },
    ]);
    const { body } = await get('/faults');
    expect(body).toContain('12.5 % of requests, after 3');
    const [remove = ''] = links(body, /action="(\/faults\/[^"]+\/remove)"/g);
    await post(remove);
    expect(parts.faults.rules()).toEqual([]);
    await post('/faults', fields);
    await post('/faults/clear');
    expect(parts.faults.rules()).toEqual([]);
  });

  it.each<[Record<string, string>, string, string]>([
    [{ service: 'mail' }, 'service', 'Choose a service.'],
    [{ kind: 'explode' }, 'kind', 'Choose a fault.'],
    [{ kind: 'refuse', status: '200' }, 'status', 'A whole number from 400 to 599.'],
    [{ kind: 'refuse', code: '' }, 'code', 'The error code that the answer carries.'],
    [{ kind: 'delay', ms: '1.5' }, 'ms', 'Whole milliseconds from 0 to 600,000.'],
    [{ rate: 'x' }, 'rate', 'A number above 0 and up to 100.'],
    [{ rate: '0' }, 'rate', 'A number above 0 and up to 100.'],
    [{ count: '0' }, 'count', 'A whole number from 1, or nothing.'],
    [{ after: '-1' }, 'after', 'A whole number from 0.'],
    [{ service: 'entra', kind: 'duplicate' }, 'kind', 'duplicate means nothing to Entra ID'],
    [{ service: 'entra', mailbox: 'a@b.example' }, 'mailbox', 'Entra ID has no mailboxes'],
    [{ service: 'telemessage', kind: 'duplicate', route: 'POST *' }, 'route', 'At TeleMessage, duplicate strikes '],
  ])('say what is wrong with the fault %j, and keep what was entered', async (wrong, name, sentence) => {
    const { post, parts } = await startPages();
    const good = {
      service: 'graph',
      route: 'POST /kept',
      kind: 'reset-after',
      rate: '40',
      status: '503',
      code: 'kept',
    };
    const { status, body } = await post('/faults', { ...good, ...wrong });
    expect(status).toBe(400);
    expect(body).toMatch(new RegExp(`role="alert"[\\s\\S]*<a href="#f-${name}">[^<]+</a>: ${sentence}`));
    expect(body).toMatch(new RegExp(`id="f-${name}"[^>]* aria-describedby="[^"]*e-${name}" aria-invalid="true"`));
    const kept = Object.entries({ ...good, ...wrong }).filter(([field]) => field === 'route' || field === 'rate');
    for (const [field, value] of kept) {
      expect(body).toMatch(new RegExp(`name="${field}"[^>]* value="${value.replace('*', '\\*')}"`));
    }
    expect(parts.faults.rules()).toEqual([]);
  });

  it('set a bad day with one click', async () => {
    const { get, post, parts } = await startPages();
    const [, ...days] = links((await get('/faults')).body, /action="(\/faults\/presets\/[^"]+)"/g);
    expect(days.length).toBeGreaterThan(5);
    await post('/faults/presets/graph-loses-answers');
    expect(parts.faults.rules()).toMatchObject([
      { route: 'POST /v1.0/users/*/messages', rate: 0.05, fault: { kind: 'reset-after' } },
      { route: 'POST /v1.0/$batch', rate: 0.05, fault: { kind: 'reset-after' } },
    ]);
    for (const day of days) expect((await post(day)).location).toBe('/faults');
    expect(parts.faults.rules().length).toBeGreaterThan(days.length);
  });

  it('do nothing to what there is not, and say so', async () => {
    const { post, parts } = await startPages();
    for (const url of ['/faults/presets/zzz', '/faults/zzz/remove']) expect((await post(url)).status, url).toBe(404);
    expect(parts.faults.rules()).toEqual([]);
  });

  it('change Graph’s limits, and put Microsoft’s back', async () => {
    const { get, post, parts } = await startPages();
    const limits = { ...parts.limits.inForce, mailboxConcurrency: 1, latencyMs: 250 };
    const fields = Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, String(value)]));
    await post('/faults/limits', fields);
    expect(parts.limits.inForce).toEqual(limits);
    expect((await get('/faults')).body).toMatch(/name="mailboxConcurrency"[^>]* value="1"/);
    const { status, body } = await post('/faults/limits', { ...fields, appRequests: '', latencyMs: '-5' });
    expect(status).toBe(400);
    expect(body).toContain('<a href="#f-appRequests">Requests a second</a>: A whole number from 1.');
    expect(body).toMatch(/name="latencyMs"[^>]* value="-5"/);
    expect(parts.limits.inForce).toEqual(limits);
    await post('/faults/limits/microsoft');
    expect(parts.limits.inForce).toMatchObject({ mailboxConcurrency: 4, mailboxRequests: 10_000, latencyMs: 0 });
  });

  it('show who met a limit how often', async () => {
    const { get, throttle, parts } = await startPages();
    expect((await get('/faults')).body).toContain('No limit was met so far.');
    parts.limits.change({ mailboxConcurrency: 1 });
    const use = { app: 'a', mailbox: grace.id, bytes: 0, now: NOW };
    throttle.enter(use);
    for (let time = 0; time < 3; time += 1) expect(() => throttle.enter(use)).toThrow();
    expect((await get('/faults')).body).toMatch(
      /grace\.adeyemi@alderbyrne\.example<[\s\S]*Requests at once<[\s\S]*>3</,
    );
    parts.limits.reset();
    expect((await get('/faults')).body).toContain('No limit was met so far.');
  });
});
