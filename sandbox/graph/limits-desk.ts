/** The limits in force, to change, and who met them: for the control API and for a page. */
import { type GraphLimits, graphLimits } from './limits.ts';
import type { Throttle, Throttled } from './throttle.ts';

export interface LimitsDesk {
  /** changes as the limits change */
  readonly inForce: Readonly<GraphLimits>;
  change(limits: Partial<GraphLimits>): void;
  /** Microsoft's own, and an answer at once */
  useMicrosofts(): void;
  /** what the settings say; forgets what was used of the limits */
  reset(): void;
  throttled(): readonly Throttled[];
}

/** `limits` is the object that the throttle and the routes look at. */
export function limitsDesk(limits: GraphLimits, throttle: Throttle, fromSettings: () => GraphLimits): LimitsDesk {
  return {
    inForce: limits,
    change: (changed) => {
      Object.assign(limits, changed);
    },
    useMicrosofts: () => {
      Object.assign(limits, graphLimits(1, 0));
    },
    reset: () => {
      Object.assign(limits, fromSettings());
      throttle.clear();
    },
    throttled: () => throttle.throttled(),
  };
}
