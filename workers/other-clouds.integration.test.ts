import { expect, it } from 'vitest';
import { allOf, importIn } from './other-clouds.fixture.ts';

it('in China consent, sign-in and an import ask hosts of that cloud, and nobody else', async () => {
  const hosts = {
    entra: 'login.partner.microsoftonline.cn',
    graph: 'microsoftgraph.chinacloudapi.cn',
    uploads: 'partner.outlook.cn',
  };
  expect(await importIn('china', hosts)).toEqual(allOf(hosts));
});
