import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ADMIN, everything, startSite } from './site-under-contract.ts';

const status = { url: '/v1/archives/android-archiver/status' };

describe('a reset', () => {
  it('ends sessions', async () => {
    const site = await startSite();
    const token = await site.signIn();
    (await site.site()).reset();
    expect(await site.call(status, token)).toMatchObject({ status: 401, body: { resultCode: 302 } });
  });

  it('forgets who sent too much', async () => {
    const site = await startSite({ limitsScale: 0.01 });
    const attempt = () => site.call({ method: 'POST', url: '/v1/sessions', payload: ADMIN });
    expect([(await attempt()).status, (await attempt()).status, (await attempt()).status]).toEqual([201, 201, 429]);
    (await site.site()).reset();
    expect((await attempt()).status).toBe(201);
  });

  it('has every attachment sent anew that was not ready', async () => {
    const site = await startSite({ telemessageTroubles: ['notReady'] });
    const all = (await everything(site, await site.signIn())).flatMap((item) => item.attachments.map(({ id }) => id));
    const waiting = async (): Promise<number> => {
      const token = await site.signIn();
      const answers = await Promise.all(
        all.slice(0, 40).map((id) => site.call({ url: `/v1/attachments/${id}` }, token)),
      );
      return answers.filter((one) => one.status === 425).length;
    };
    const before = await waiting();
    site.pass(20_000);
    expect([before > 0, await waiting()]).toEqual([true, 0]);
    (await site.site()).reset();
    expect(await waiting()).toBe(before);
  });

  it('activates connectors, and keeps them', async () => {
    const site = await startSite();
    const made = await site.call(
      { method: 'POST', url: '/v1/connectors', payload: { kind: 'android-archiver', clientReference: 'draft-1' } },
      await site.signIn(),
    );
    const { id } = z.object({ id: z.string() }).parse(made.body);
    const { registrations, reset } = await site.site();
    registrations.setStatus(id, 'suspended');
    reset();
    expect((await site.call({ url: `/v1/connectors/${id}` }, await site.signIn())).body).toMatchObject({
      status: 'active',
    });
  });
});
