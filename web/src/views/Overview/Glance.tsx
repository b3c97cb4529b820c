import { A } from '@solidjs/router';
import { createMemo, type JSX, Show } from 'solid-js';
import { labelText } from '../../format/labels.ts';
import { formatCount, formatShare, formatUsd } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import { useDiagnosis } from '../../store/diagnosis.ts';
import { keptState, type ViewState, writeState } from '../../store/location.ts';
import { useOpenSessions } from '../../store/open-sessions.ts';
import type { Overview } from '../../store/overview.ts';
import { useQuota } from '../../store/quota.ts';
import { createClock, useServices } from '../../store/services.ts';
import { failureShare } from '../../store/tools.ts';
import { glance as texts } from '../../texts/overview.ts';
import { quota } from '../../texts/quota.ts';
import { anewIn, toneOf } from '../../ui/Quota.tsx';

/** The answers to what is asked most, each a way to where more is told. */
export function Glance(props: { overview: Overview; state: ViewState }) {
  const { now } = useServices();
  const time = createClock(now, 1000);
  const kept = () => writeState(keptState(props.state));
  return (
    <section class="glance" aria-label={texts.label}>
      <TodayCell overview={props.overview} href={`/cost${kept()}`} />
      <WaitingCell nowMs={time()} kept={kept()} />
      <FailingCell overview={props.overview} href={`/tools${kept()}`} />
      <PipelineCell href={`/health${kept()}`} />
      <QuotaCell state={props.state} nowMs={time()} href={`/cost${kept()}`} />
    </section>
  );
}

function Cell(props: { name: string; href: string; value: JSX.Element; sub: JSX.Element; class?: string }) {
  return (
    <A class="glance-cell" href={props.href}>
      <span class="glance-name">{props.name}</span>
      <span class={`glance-value ${props.class ?? ''}`}>{props.value}</span>
      <span class="glance-sub">{props.sub}</span>
    </A>
  );
}

function TodayCell(props: { overview: Overview; href: string }) {
  const today = () => props.overview.today;
  const usual = () => today().usualByNow;
  return (
    <Cell
      name={texts.today}
      href={props.href}
      value={formatUsd(today().soFar)}
      sub={usual() === null ? texts.noUsual : texts.usual(formatUsd(usual() ?? 0))}
    />
  );
}

/** A session whose turn is over waits; after five silent minutes it is called idle, and still waits. */
function WaitingCell(props: { nowMs: number; kept: string }) {
  const open = useOpenSessions();
  const waiting = createMemo(() =>
    open().filter((row) => row.state === 'waiting' || (row.state === 'idle' && row.session.said?.state === 'waiting')),
  );
  const working = () => open().filter((row) => row.state === 'working').length;
  const first = () => waiting()[0]?.session;
  const sub = () => {
    const session = first();
    if (!session) return working() > 0 ? texts.working(formatCount(working())) : texts.noOpen;
    const since = texts.since(formatDuration((props.nowMs - session.lastMs) / 1000));
    return waiting().length > 1 ? `${since}, ${texts.more(formatCount(waiting().length - 1))}` : since;
  };
  return (
    <Cell
      name={texts.waiting}
      href={`/live${props.kept}`}
      value={first() ? labelText('project', first()?.project ?? '') : texts.nobody}
      class={first() ? 'is-waiting-for-you' : 'quiet'}
      sub={sub()}
    />
  );
}

function FailingCell(props: { overview: Overview; href: string }) {
  const worst = () => props.overview.failing;
  return (
    <Cell
      name={texts.fails}
      href={props.href}
      value={worst() ? labelText('tool', worst()?.tool ?? '') : texts.noFailure}
      class={worst() ? '' : 'quiet'}
      sub={failingText(worst(), props.overview.toolCalls)}
    />
  );
}

function failingText(worst: Overview['failing'], calls: number): string {
  if (!worst) return texts.noneFailed(formatCount(calls));
  return texts.failedOf(formatCount(worst.error), formatCount(worst.ok + worst.error), formatShare(failureShare(worst) ?? 0));
}

function PipelineCell(props: { href: string }) {
  const doctor = useDiagnosis();
  const known = () => (doctor.isSuccess ? doctor.data : null);
  const status = () => known()?.status ?? 'unknown';
  const bad = () => known()?.checks.find((check) => check.status === status());
  return (
    <Cell
      name={texts.pipeline}
      href={props.href}
      value={texts.pipelineStates[status()]}
      class={`is-${status()}`}
      sub={
        status() === 'ok' || !known()
          ? texts.checks(formatCount(known()?.checks.filter((check) => check.status === 'ok').length ?? 0))
          : (bad()?.title ?? '')
      }
    />
  );
}

/** The fullest window of the subscription, where Claude Code tells how full it is. */
function QuotaCell(props: { state: ViewState; nowMs: number; href: string }) {
  const windows = useQuota(() => props.state.filters.host);
  const fullest = createMemo(() => [...windows()].sort((one, other) => other.usedRatio - one.usedRatio)[0]);
  return (
    <Show when={fullest()}>
      {(one) => (
        <Cell
          name={quota.label}
          href={props.href}
          value={quota.of(formatShare(one().usedRatio), quota.windows[one().window] ?? one().window)}
          class={toneOf(one())}
          sub={anewIn(one(), props.nowMs)}
        />
      )}
    </Show>
  );
}
