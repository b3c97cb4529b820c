import { formatCompact, formatCount, formatShare, formatUsd, formatUsdExact } from '../../format/number.ts';
import type { Overview, Totals as TotalNumbers } from '../../store/overview.ts';
import { changeOf, pointsOf, Totals as Row, type TotalFigure } from '../../ui/Totals.tsx';

/** The five figures of the range, each with its change. */
export function Totals(props: { overview: Overview }) {
  return <Row figures={figuresOf(props.overview)} />;
}

function figuresOf(overview: Overview): TotalFigure[] {
  const { totals: now, before } = overview;
  const unfinished = overview.unfinished.length > 0;
  const everywhere = overview.unnarrowed.sessions;
  const change = (figure: (totals: TotalNumbers) => number, format: (value: number) => string) =>
    changeOf(figure(now), before && figure(before), format);
  return [
    {
      name: 'Cost',
      number: now.costUsd,
      value: formatUsd(now.costUsd),
      exact: formatUsdExact(now.costUsd),
      sub: now.sessions > 0 ? `${formatUsd(now.costUsd / now.sessions)} a session` : 'list prices of the day',
      lowerBound: overview.unpriced.length > 0 || unfinished,
      change: change((totals) => totals.costUsd, formatUsdExact),
    },
    {
      name: 'Tokens',
      number: now.tokens,
      value: formatCompact(now.tokens),
      exact: `${formatCount(now.tokens)} tokens`,
      sub: formatCount(now.tokens),
      lowerBound: unfinished,
      change: change((totals) => totals.tokens, formatCount),
    },
    {
      name: 'Requests',
      number: now.requests,
      value: formatCount(now.requests),
      exact: `${formatCount(now.requests)} requests`,
      sub: now.requests === 0 ? '' : `${formatCompact(Math.round(now.tokens / now.requests))} tokens each`,
      change: change((totals) => totals.requests, formatCount),
    },
    {
      name: 'Sessions',
      number: now.sessions,
      value: formatCount(now.sessions),
      exact: `${formatCount(now.sessions)} sessions begun`,
      sub: everywhere.length > 0 ? `for every ${everywhere.join(' and ')}` : 'begun in this time',
      change: change((totals) => totals.sessions, formatCount),
    },
    {
      name: 'Cache share',
      number: now.cacheShare,
      value: now.cacheShare === null ? '–' : formatShare(now.cacheShare),
      exact: 'Cache reads as a share of all prompt tokens: input, cache reads and cache writes',
      sub: `${formatCompact(now.kinds.cache_read ?? 0)} read from cache`,
      change: pointsOf(now.cacheShare, before?.cacheShare, formatShare),
    },
  ];
}
