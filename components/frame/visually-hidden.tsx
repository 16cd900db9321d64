import type { ReactNode } from 'react';

/** For screen readers only. */
export function VisuallyHidden({ children, role }: { readonly children: ReactNode; readonly role?: 'status' }) {
  return (
    <span role={role} style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }}>
      {children}
    </span>
  );
}
