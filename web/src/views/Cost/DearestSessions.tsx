import { A } from '@solidjs/router';
import type { SessionSummary } from '../../api/client.ts';
import { labelText, labelTitle } from '../../format/labels.ts';
import { formatCount, formatUsd } from '../../format/number.ts';
import { formatMoment } from '../../format/time.ts';
import { keptState, type ViewState, writeState } from '../../store/location.ts';
import { costPerMinute } from '../../store/sessions.ts';
import { cost as texts } from '../../texts/cost.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Usd } from '../../ui/Figures.tsx';

/** The sessions that cost the most, each with a link to its page. */
export function DearestSessions(props: { sessions: readonly SessionSummary[]; state: ViewState }) {
  const name = (session: SessionSummary) => session.project ?? 'unknown';
  return (
    <TablePanel
      title={texts.sessions}
      class="panel-full"
      label={texts.session}
      rows={props.sessions}
      columns={columns}
      main="cost"
      keyOf={(session) => session.id}
      text={(session) => `${labelTitle('project', name(session))} ${session.id}`}
      name={(session) => (
        <A class="link" href={`/sessions/${encodeURIComponent(session.id)}${writeState(keptState(props.state))}`} title={session.id}>
          {labelText('project', name(session))}
        </A>
      )}
      figure={<span class="quiet">{texts.sessionsFigure}</span>}
      nothing={texts.noSession}
    />
  );
}

const columns: Column<SessionSummary>[] = [
  {
    key: 'cost',
    name: texts.cost,
    value: (session) => session.costUsd,
    cell: (session) => <Usd value={session.costUsd} atLeast={session.unpricedRequests > 0} />,
  },
  {
    key: 'last',
    name: texts.last,
    value: (session) => Date.parse(session.lastAt),
    cell: (session) => formatMoment(Date.parse(session.lastAt) / 1000),
    spare: true,
  },
  {
    key: 'requests',
    name: texts.requests,
    value: (session) => session.requests,
    cell: (session) => formatCount(session.requests),
    spare: true,
  },
  {
    key: 'minute',
    name: texts.perMinute,
    value: costPerMinute,
    cell: (session) => {
      const rate = costPerMinute(session);
      return rate === null ? <span class="quiet">–</span> : formatUsd(rate);
    },
  },
];
