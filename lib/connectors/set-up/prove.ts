/** The proof of a consent as somebody chose it: for all mailboxes, or for chosen ones by one inside and one outside. */
import { type TrialResult, trialMessage, tryMailbox } from '../../mailbox/trial-message.ts';
import type { DirectoryMailbox } from '../../microsoft/directory.ts';
import type { Graph } from '../../microsoft/graph.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import { type ConsentProblem, type ConsentProof, proveConsent } from '../../microsoft/prove-consent.ts';
import { findKind } from '../catalogue.ts';
import type { Draft } from './draft.ts';
import type { SetUpParts } from './parts.ts';

export type ProvingParts = Pick<SetUpParts, 'tokens' | 'graphOf' | 'clock' | 'unmappedDomain'>;

/** What is to be proven: of a draft, or of a connector that is to be changed. */
export interface Choice extends Pick<Draft, 'organizationId' | 'kind'> {
  readonly consent: Pick<Draft['consent'], 'mode' | 'inside' | 'outside' | 'provenAt'>;
}

/**
 * @param write with chosen mailboxes: writes, finds and removes one message inside the scope, which nothing else proves.
 * Without it the mailboxes of a choice that is not proven are not tried, and of one that is they are opened only
 */
export async function proveAsChosen(parts: ProvingParts, choice: Choice, write: boolean): Promise<ConsentProof> {
  const { mode, inside, outside, provenAt } = choice.consent;
  const graph = parts.graphOf(choice.organizationId);
  const settings = { tokens: parts.tokens, graph, mode };
  if (mode === 'all') return proveConsent({ ...settings, probeAddresses: [] });
  const probeAddresses = inside === null ? [] : [inside];
  const trial = (mailbox: DirectoryMailbox) => tryToWrite(parts, choice, graph, mailbox);
  const proof = await proveConsent(
    { ...settings, probeAddresses, ...(write ? { tryMailbox: trial } : {}) },
    outside ?? '',
  );
  return write || provenAt !== null ? proof : { proven: false, checks: proof.checks.map(untried) };
}

function untried(check: ConsentProof['checks'][number]): ConsentProof['checks'][number] {
  if (check.check === 'consent' || check.check === 'directory') return check;
  return { ...check, result: 'not_run', problem: null };
}

async function tryToWrite(
  parts: ProvingParts,
  choice: Choice,
  graph: Graph,
  mailbox: DirectoryMailbox,
): Promise<ConsentProblem | null> {
  const kind = findKind(choice.kind);
  if (kind === undefined) throw new RangeError(`no connector kind ${choice.kind} in the catalogue`);
  const sentAt = new Date(Math.floor(parts.clock().getTime() / 1000) * 1000);
  const words = { facts: kind.mail, unmappedDomain: parts.unmappedDomain, writer: 'the compliance portal', sentAt };
  const plan = trialMessage(words, mailbox, choice.organizationId);
  const result = await tryMailbox(graph, mailbox.userId, plan).catch(notWritten);
  switch (result.kind) {
    case 'done':
      return null;
    case 'left':
      return 'not_removed';
    case 'not_found':
      return 'not_written';
    case 'not_written':
      return result.error?.failure === 'forbidden' ? 'out_of_scope' : 'not_written';
  }
}

/** What this one mailbox refuses, such as a full one a folder. What may pass by itself is the check's matter. */
function notWritten(error: unknown): TrialResult {
  if (error instanceof GraphError && error.kind !== 'transient') return { kind: 'not_written', error };
  throw error;
}
