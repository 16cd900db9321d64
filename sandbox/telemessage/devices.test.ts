import { describe, expect, it } from 'vitest';
import { deviceDesk } from './devices.ts';
import type { TelemessageSite } from './site.ts';
import { startSite } from './site-under-contract.ts';

describe('the last arrivals', () => {
  it('are looked for once in a second, however many ask', async () => {
    const started = await startSite();
    const site = await started.site();
    let walks = 0;
    const watched: TelemessageSite = {
      ...site,
      archived: (...of) => {
        walks += 1;
        return site.archived(...of);
      },
    };
    const devices = deviceDesk(watched);
    const [tenant] = site.tenants;
    if (tenant === undefined) throw new Error('no tenant');
    const ask = () => devices.registeredUsers(tenant, 'android-archiver');
    const [first] = await Promise.all([ask(), ask()]);
    expect(first.some((one) => one.lastArchivedTime !== null)).toBe(true);
    const once = walks;
    started.pass(999);
    expect(await ask()).toEqual(first);
    expect(walks).toBe(once);
    started.pass(1);
    await ask();
    expect(walks).toBeGreaterThan(once);
  });
});
