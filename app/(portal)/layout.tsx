import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { requireActor } from '#app/authentication.ts';
import { Frame } from '#components/frame/frame.tsx';
import { APPEARANCE_COOKIE, appearanceOf } from '#components/theme/appearance.ts';

export default async function PortalLayout({ children }: { readonly children: ReactNode }) {
  const [actor, cookie] = await Promise.all([requireActor('connectors.read'), cookies()]);
  return (
    <Frame
      person={{ name: actor.name, address: actor.address, roles: actor.roles }}
      appearance={appearanceOf(cookie.get(APPEARANCE_COOKIE)?.value)}
    >
      {children}
    </Frame>
  );
}
