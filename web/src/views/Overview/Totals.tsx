import { courseOf } from '../../charts/options/forms.ts';
import { formatCompact, formatCount, formatShare, formatUsd, formatUsdExact } from '../../format/number.ts';
import type { Overview, Totals as TotalNumbers } from '../../store/overview.ts';
import { overview as texts } from '../../texts/overview.ts';
import { changeOf, pointsOf, Totals as Row, type TotalFigure } from '../../ui/Totals.tsx';

/** The figures of the range, each with its change and its course. */
export function Totals(props: { overview: Overview }) {
  return <Row figures={figuresOf(props.overview)} />;
}

function figuresOf(overview: Overview): TotalFigure[] {
  const { totals: now, before, saved } = overview;
  const unfinished = overview.unfinished.length > 0;
  const everywhere = overview.unnarrowed.sessions;
  const [cost = '', tokens = '', requests = '', sessions = ''] = now.queries;
  const change = (figure: (totals: TotalNumbers) => number, format: (value: number) => string) =>
    changeOf(figure(now), before && figure(before), format);
  return [
    {
      name: texts.cost,
      number: now.costUsd,
      value: formatUsd(now.costUsd),
      exact: formatUsdExact(now.costUsd),
      sub: now.sessions > 0 ? texts.aSession(formatUsd(now.costUsd / now.sessions)) : texts.listPrices,
      lowerBound: overview.unpriced.length > 0 || unfinished,
      change: change((totals) => totals.costUsd, formatUsdExact),
      about: texts.costAbout,
      queries: [cost],
      course: courseOf(overview.cost),
    },
    {
      name: texts.tokens,
      number: now.tokens,
      value: formatCompact(now.tokens),
      exact: texts.tokensExact(formatCount(now.tokens)),
      sub: formatCount(now.tokens),
      lowerBound: unfinished,
      change: change((totals) => totals.tokens, formatCount),
      about: texts.tokensAbout,
      queries: [tokens],
      course: courseOf(overview.tokens),
    },
    {
      name: texts.requests,
      number: now.requests,
      value: formatCount(now.requests),
      exact: texts.requestsExact(formatCount(now.requests)),
      sub: now.requests === 0 ? '' : texts.each(formatCompact(Math.round(now.tokens / now.requests))),
      change: change((totals) => totals.requests, formatCount),
      about: texts.requestsAbout,
      queries: [requests],
      course: overview.courses.requests,
    },
    {
      name: texts.sessions,
      number: now.sessions,
      value: formatCount(now.sessions),
      exact: texts.sessionsExact(formatCount(now.sessions)),
      sub: everywhere.length > 0 ? texts.forEvery(everywhere.join(' and ')) : texts.begun,
      change: change((totals) => totals.sessions, formatCount),
      about: texts.sessionsAbout,
      queries: [sessions],
      course: courseOf(overview.sessions),
    },
    {
      name: texts.cacheShare,
      number: now.cacheShare,
      value: now.cacheShare === null ? '–' : formatShare(now.cacheShare),
      exact: now.cacheShare === null ? '–' : formatShare(now.cacheShare),
      sub: texts.cacheRead(formatCompact(now.kinds.cache_read ?? 0)),
      change: pointsOf(now.cacheShare, before?.cacheShare, formatShare),
      about: texts.cacheShareAbout,
      queries: [tokens],
      course: overview.courses.cacheShare,
    },
    {
      name: texts.saved,
      number: saved.usd,
      value: formatUsd(saved.usd),
      exact: formatUsdExact(saved.usd),
      sub: now.costUsd + saved.usd > 0 ? texts.savedShare(formatShare(saved.usd / (now.costUsd + saved.usd))) : '',
      change: changeOf(saved.usd, overview.savedBefore, formatUsdExact),
      about: texts.savedAbout,
      queries: [saved.query],
    },
  ];
}
