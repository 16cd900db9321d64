import { expect, it } from 'vitest';
import { contentSecurityPolicy } from './content-security-policy.ts';

const directives = new Map(
  contentSecurityPolicy('bm9uY2U=')
    .split('; ')
    .map((directive) => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values.join(' ')] as const;
    }),
);

it('runs scripts and style elements by nonce, and nothing inline or evaluated', () => {
  expect(directives.get('script-src')).toBe("'nonce-bm9uY2U=' 'strict-dynamic'");
  expect(directives.get('style-src-elem')).toBe("'self' 'nonce-bm9uY2U='");
  expect([...directives.values()].filter((value) => value.includes('unsafe-eval'))).toEqual([]);
  const inline = [...directives].filter(([, value]) => value.includes('unsafe-inline')).map(([name]) => name);
  expect(inline).toEqual(['style-src-attr']);
});

it('lets nobody frame the portal, and sends forms and requests nowhere else', () => {
  expect(directives.get('default-src')).toBe("'none'");
  expect(directives.get('frame-ancestors')).toBe("'none'");
  expect(directives.get('base-uri')).toBe("'none'");
  expect(directives.get('form-action')).toBe("'self'");
  expect(directives.get('connect-src')).toBe("'self'");
});
