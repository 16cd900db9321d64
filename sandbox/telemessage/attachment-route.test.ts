import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SandboxSettings } from '../settings.ts';
import { everything, startSite } from './site-under-contract.ts';

describe('attachments', () => {
  async function withVideo(change: Partial<SandboxSettings> = {}) {
    const site = await startSite({ itemsPerDay: 400, ...change });
    const token = await site.signIn();
    const all = (await everything(site, token)).flatMap((item) => item.attachments);
    const [small] = all.filter((one) => one.size < 100_000);
    const [video] = all.filter((one) => one.size > 10_000_000);
    if (small === undefined || video === undefined) throw new Error('the feed has no video');
    return { site, token, all, small, video };
  }

  it('give exactly the bytes that the item announced', async () => {
    const { site, token, small, video } = await withVideo();
    for (const one of [small, video]) {
      const answer = await site.call({ url: `/v1/attachments/${one.id}` }, token);
      expect(answer.headers).toMatchObject({
        'content-length': String(one.size),
        etag: `"${one.sha256}"`,
        'accept-ranges': 'bytes',
      });
      expect(createHash('sha256').update(answer.raw).digest('hex')).toBe(one.sha256);
    }
  });

  it('give any one range', async () => {
    const { site, token, video } = await withVideo();
    const url = `/v1/attachments/${video.id}`;
    const whole = (await site.call({ url }, token)).raw;
    const ranges: [string, number, number][] = [
      ['bytes=0-0', 0, 1],
      ['bytes=65530-131080', 65_530, 131_081],
      [`bytes=${video.size - 10}-`, video.size - 10, video.size],
      ['bytes=-7', video.size - 7, video.size],
      [`bytes=5-${video.size * 2}`, 5, video.size],
    ];
    for (const [range, start, end] of ranges) {
      const answer = await site.call({ url, headers: { range, 'if-range': `"${video.sha256}"` } }, token);
      expect(answer.status).toBe(206);
      expect(answer.headers['content-range']).toBe(`bytes ${start}-${end - 1}/${video.size}`);
      expect(answer.raw.equals(whole.subarray(start, end)), range).toBe(true);
    }
    for (const headers of [
      { range: 'bytes=0-1', 'if-range': '"other"' },
      { range: 'bytes=0-1,5-6' },
      { range: 'lines=1-2' },
    ]) {
      const answer = await site.call({ url, headers }, token);
      expect([answer.status, answer.raw.byteLength]).toEqual([200, video.size]);
    }
    const beyond = await site.app.inject({
      url,
      headers: { authorization: `Bearer ${token}`, range: `bytes=${video.size}-` },
    });
    expect([beyond.statusCode, beyond.headers['content-range']]).toEqual([416, `bytes */${video.size}`]);
  });

  it('belong to their account', async () => {
    const { site, small } = await withVideo();
    const other = await site.signIn({ username: 'archive.admin@kestrelbank.example', password: 'sandbox-archive-6' });
    expect((await site.call({ url: `/v1/attachments/${small.id}` }, other)).status).toBe(404);
  });

  it('are gone once they are older than the site retains', async () => {
    const { site, small } = await withVideo();
    site.pass(92 * 86_400_000);
    expect((await site.call({ url: `/v1/attachments/${small.id}` }, await site.signIn())).status).toBe(410);
  });

  it('are not ready for a while, where that trouble is asked for', async () => {
    const { site, token, all } = await withVideo({ telemessageTroubles: ['notReady'] });
    const statuses = new Map<string, number>();
    for (const one of all.slice(0, 40))
      statuses.set(one.id, (await site.call({ url: `/v1/attachments/${one.id}` }, token)).status);
    const waiting = [...statuses].filter(([, status]) => status === 425);
    expect(waiting.length).toBeGreaterThan(0);
    expect(waiting.length).toBeLessThan(20);
    const [[id] = ['']] = waiting;
    expect((await site.call({ url: `/v1/attachments/${id}` }, token)).headers['retry-after']).toBe('20');
    site.pass(20_000);
    expect((await site.call({ url: `/v1/attachments/${id}` }, token)).status).toBe(200);
  });

  it('have another size than announced, where that trouble is asked for', async () => {
    const { site, token, all } = await withVideo({ telemessageTroubles: ['wrongSize'] });
    const lies = await Promise.all(
      all
        .slice(0, 80)
        .map(async (one) => (await site.call({ url: `/v1/attachments/${one.id}` }, token)).raw.byteLength - one.size),
    );
    expect(lies.some((bytes) => bytes === 0)).toBe(true);
    expect(lies.some((bytes) => bytes < 0)).toBe(true);
    expect(lies.some((bytes) => bytes > 0)).toBe(true);
  });
});
