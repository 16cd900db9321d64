'use client';

import { unstable_rethrow } from 'next/navigation';
import { Component, type ReactNode } from 'react';

/** An error of the server has a digest, which is in its log beside the cause. */
export type PartError = Error & { readonly digest?: string };

interface BoundaryProps {
  /** what stands in the place of what broke; `again` draws that anew */
  readonly instead: (error: PartError, again: () => void) => ReactNode;
  readonly children: ReactNode;
}

interface State {
  readonly error: PartError | null;
}

/** Keeps an error within a part of the page. */
export class Boundary extends Component<BoundaryProps, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    // Next leads somewhere else, or says that there is nothing, by errors of its own.
    unstable_rethrow(error);
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? this.props.children : this.props.instead(error, () => this.setState({ error: null }));
  }
}
