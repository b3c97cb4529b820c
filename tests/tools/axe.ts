import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** The rules of WCAG 2.2 AA, and the best practices of axe. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** What axe found: the rule, how bad it is, and where. */
interface Finding {
  rule: string;
  impact: string;
  where: string[];
}

/** Looks at a page with axe-core. It is run in the page by the debugger, so that the policy of the page need not be weakened for it. */
async function findBarriers(page: Page): Promise<Finding[]> {
  // Once a page; the function is kept while one goes from view to view.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  const options = { runOnly: { type: 'tag', values: TAGS }, resultTypes: ['violations'], preload: false };
  const found: unknown = await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations.map(({ id, impact, nodes }) => ({
      rule: id, impact: String(impact), where: nodes.map(({ target, failureSummary }) => target.join(' ') + ': ' + failureSummary) })))`,
  );
  if (!Array.isArray(found)) throw new Error('axe gave no list');
  return found;
}

/** What is serious or critical, a line each. */
export async function findSeriousBarriers(page: Page): Promise<string[]> {
  const found = await findBarriers(page);
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ rule, impact, where }) => `${rule} (${impact}) in ${where.length} places, the first ${where[0]?.replace(/\s+/g, ' ')}`);
}
