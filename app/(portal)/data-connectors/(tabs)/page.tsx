import { requireActor } from '#app/authentication.ts';
import { CatalogueCards } from '#components/product/catalogue-cards.tsx';
import { setUpParts } from '#lib/connectors/composition.ts';
import { countConnectors } from '#lib/connectors/set-up/use-cases.ts';

/** The Overview tab: what can be connected, and what already is. */
export default async function OverviewPage() {
  const actor = await requireActor('connectors.read');
  const counts = await countConnectors(setUpParts(), actor);
  return <CatalogueCards existing={Object.fromEntries(counts)} />;
}
