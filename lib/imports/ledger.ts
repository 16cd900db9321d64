/**
 * The ledger, as the engine asks it. A port: in a worker every question is SQL (`store/`), in the simulation a model that
 * forgets nothing and answers in an order of its own. What a question means stands with its function in `store/`.
 */
import type pg from 'pg';
import { syncSourceUsers } from './source-users.ts';
import {
  attachmentsOfItems,
  claimMissing,
  dueAttachments,
  postponeMissing,
  recordAttempt,
  renewMissing,
} from './store/attachments.ts';
import { keepCancelledNumbers } from './store/cancel.ts';
import { claimToLookUp, claimToSend, dueShards, extendDeadline } from './store/claims.ts';
import {
  finishClearing,
  framesToKeep,
  keptOfPages,
  markUnneededAttachments,
  moveFrames,
  reserveKeptPages,
} from './store/clearing.ts';
import { commitPage, knownItems, reserveIds } from './store/collect.ts';
import { claimCollect, dueCollects, nextPageNumber, postponeCollect, renewCollect } from './store/collecting.ts';
import {
  liveConnector,
  liveConnectorOfSource,
  raiseAlert,
  resolveWindowAlert,
  stopConnector,
} from './store/connectors.ts';
import { owedContext } from './store/context.ts';
import { judgeDays } from './store/days.ts';
import {
  isOnItsWay,
  moveCopies,
  noteChoices,
  noteDecided,
  noteReadings,
  undecidedConnectors,
  undecidedCopies,
  undecidedImports,
  undecidedVersion,
} from './store/decide.ts';
import { recallAddresses, rememberAddresses } from './store/directory.ts';
import {
  adoptMessage,
  copyFor,
  doubtedDeliveries,
  doubtfulOrganizations,
  endDoubt,
  noteSurplusRemoval,
} from './store/doubt.ts';
import { addFallbackCopies } from './store/fallback.ts';
import { forgetFolder, rememberedFolders, rememberFolder } from './store/folders.ts';
import { importPlanned, importRequest, requestedConnectors } from './store/import-requests.ts';
import { deliveredImports, findImport, openWindows, postponeReconcile, reopenWindow } from './store/imports.ts';
import { acquireShard, releaseShard, renewShard } from './store/leases.ts';
import { listedElsewhere, takeOverListed } from './store/listed-copies.ts';
import { commitSealedAgain, lostItems } from './store/lost-content.ts';
import { commitMended, reservePage, unreadableItems } from './store/mended-items.ts';
import { monthsToDo } from './store/months.ts';
import { namedContent, stillOnPage } from './store/named-content.ts';
import { currentPauses, notePauses } from './store/pauses.ts';
import { connectorsToPlan, organizationIds, plannedThrough, waitingConnectors } from './store/planning.ts';
import {
  claimRecheck,
  completeImport,
  dueRechecks,
  heldItems,
  importsToClear,
  judgeLater,
  writeReading,
} from './store/reconcile.ts';
import { settle } from './store/settle.ts';
import { loseUnretained } from './store/unretained.ts';
import {
  forgetUploadSession,
  noteUploaded,
  recallUploadSession,
  rememberUploadSession,
} from './store/upload-sessions.ts';
import { giveMailboxes, updateReasons, waitingCopies } from './store/waiting.ts';
import { watchImports } from './store/watch.ts';

const QUESTIONS = {
  // what is due
  connectorsToPlan,
  requestedConnectors,
  dueCollects,
  dueShards,
  dueAttachments,
  deliveredImports,
  dueRechecks,
  importsToClear,
  waitingConnectors,
  doubtfulOrganizations,
  organizationIds,
  watchImports,
  // attachments that are missing
  claimMissing,
  renewMissing,
  postponeMissing,
  recordAttempt,
  // connectors
  liveConnector,
  liveConnectorOfSource,
  stopConnector,
  raiseAlert,
  resolveWindowAlert,
  // plan
  importRequest,
  importPlanned,
  plannedThrough,
  openWindows,
  reopenWindow,
  loseUnretained,
  syncSourceUsers,
  // collect
  claimCollect,
  renewCollect,
  postponeCollect,
  nextPageNumber,
  knownItems,
  reserveIds,
  commitPage,
  unreadableItems,
  reservePage,
  commitMended,
  lostItems,
  commitSealedAgain,
  owedContext,
  recallAddresses,
  rememberAddresses,
  // deliver
  acquireShard,
  renewShard,
  releaseShard,
  monthsToDo,
  claimToSend,
  claimToLookUp,
  extendDeadline,
  settle,
  listedElsewhere,
  takeOverListed,
  currentPauses,
  notePauses,
  stillOnPage,
  attachmentsOfItems,
  recallUploadSession,
  rememberUploadSession,
  noteUploaded,
  forgetUploadSession,
  rememberedFolders,
  rememberFolder,
  forgetFolder,
  // another mapping version
  undecidedConnectors,
  undecidedVersion,
  undecidedImports,
  undecidedCopies,
  isOnItsWay,
  moveCopies,
  noteChoices,
  noteReadings,
  noteDecided,
  // release
  waitingCopies,
  updateReasons,
  giveMailboxes,
  addFallbackCopies,
  // reconcile, clear, sweep
  findImport,
  heldItems,
  completeImport,
  keepCancelledNumbers,
  judgeDays,
  judgeLater,
  postponeReconcile,
  claimRecheck,
  writeReading,
  keptOfPages,
  reserveKeptPages,
  framesToKeep,
  moveFrames,
  markUnneededAttachments,
  finishClearing,
  doubtedDeliveries,
  copyFor,
  adoptMessage,
  endDoubt,
  noteSurplusRemoval,
  namedContent,
} as const;

type Bound<F> = F extends (pool: pg.Pool, ...rest: infer A) => infer R ? (...rest: A) => R : never;

export type Ledger = { readonly [N in keyof typeof QUESTIONS]: Bound<(typeof QUESTIONS)[N]> };

/** The ledger in PostgreSQL. */
export function postgresLedger(pool: pg.Pool): Ledger {
  const ask = (question: (pool: pg.Pool, ...rest: never[]) => unknown) => {
    return (...rest: never[]) => question(pool, ...rest);
  };
  return Object.fromEntries(Object.entries(QUESTIONS).map(([name, question]) => [name, ask(question)])) as Ledger;
}
