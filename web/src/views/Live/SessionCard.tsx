import { For, Show } from 'solid-js';
import type { Slots } from '../../charts/colours.ts';
import { labelText, labelTitle } from '../../format/labels.ts';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatUsd, formatUsdExact, formatWords } from '../../format/number.ts';
import { formatAgo, formatClock, formatDuration } from '../../format/time.ts';
import { ranked } from '../../store/ask.ts';
import { usedOfWindow, windowOf } from '../../store/context.ts';
import type { LiveSession, SessionState } from '../../store/live.ts';
import { live, card as texts } from '../../texts/live.ts';
import { ProgressBar } from '../../ui/ProgressBar.tsx';

/** Fuller than this, the gauge of the context says so. */
const FULL = 0.8;

function failureText({ lastFailure }: LiveSession): string {
  if (!lastFailure) return '';
  const what = lastFailure.category ? `${lastFailure.tool}, ${lastFailure.category.replaceAll('_', ' ')}` : lastFailure.tool;
  return texts.last(what, formatClock(lastFailure.atMs / 1000));
}

/** One session: where, what it does, on which model, how full its context is, what it has used and who did it. */
export function SessionCard(props: { session: LiveSession; state: SessionState; nowMs: number; slots: Required<Slots>; href: string }) {
  const session = () => props.session;
  const since = () => (session().whole ? texts.whole : texts.since(formatClock(session().sinceMs / 1000)));
  const project = () => labelText('project', session().project);
  return (
    <li class={`session session-${props.state}`}>
      <div class="session-head">
        <h3 title={texts.on(labelTitle('project', session().project), labelTitle('host', session().source))}>
          <span class={`swatch slot-${props.slots.project.get(session().project) ?? 'rest'}`} />
          <a class="link" href={props.href}>
            {project()}
          </a>
        </h3>
        <span class={`state state-${props.state}`} title={live.stateHelp[props.state]}>
          {live.states[props.state]}
        </span>
      </div>
      <p class="session-model">
        <Show when={session().model} fallback={<span class="quiet">{texts.noResponse}</span>}>
          {(model) => (
            <span title={model()}>
              <span class={`swatch slot-${props.slots.model.get(model()) ?? 'rest'}`} />
              {modelLabel(model())}
            </span>
          )}
        </Show>
        <Show when={session().tools.at(-1)}>{(tool) => <span class="session-tool">{tool()}</span>}</Show>
        <Show when={session().tools.length > 1}>
          <span class="quiet" title={session().tools.join(', ')}>
            {texts.more(formatCount(session().tools.length - 1))}
          </span>
        </Show>
        <span class="session-age">{formatAgo(session().lastMs, props.nowMs)}</span>
      </p>
      <Show when={session().context}>{(context) => <Context session={session()} context={context()} nowMs={props.nowMs} />}</Show>
      <dl class="session-figures">
        <div title={`${formatUsdExact(session().costUsd)} ${since()}${session().unpriced ? texts.withoutUnpriced : ''}`}>
          <dt>{texts.cost}</dt>
          <dd>
            <Show when={!session().unpriced || session().costUsd > 0} fallback={<span class="quiet">{texts.noPrice}</span>}>
              {session().unpriced ? '≥ ' : ''}
              {formatUsd(session().costUsd)}
            </Show>
          </dd>
        </div>
        <div title={`${live.tokens(formatCount(session().tokens))} ${since()}`}>
          <dt>{texts.tokens}</dt>
          <dd>{formatCompact(session().tokens)}</dd>
        </div>
        <div title={`${texts.outputTokens(formatCount(session().outputTokens))} ${since()}`}>
          <dt>{texts.output}</dt>
          <dd>{formatCompact(session().outputTokens)}</dd>
        </div>
        <div title={`${formatWords(session().requests, live.response)} ${since()}`}>
          <dt>{texts.requests}</dt>
          <dd>{formatCount(session().requests)}</dd>
        </div>
      </dl>
      <Show when={session().todos}>{(todos) => <Todos {...todos()} />}</Show>
      <Show when={session().calls > 0}>
        <p class="session-note">
          {formatWords(session().calls, texts.call)}
          <Show when={session().failures > 0}>
            ,{' '}
            <span class="failed" title={failureText(session())}>
              {texts.failed(formatCount(session().failures))}
            </span>
          </Show>
        </p>
      </Show>
      <Show when={session().subagents.requests > 0 || Object.keys(session().spawned).length > 0}>
        <Tree session={session()} />
      </Show>
    </li>
  );
}

/** How much of the model's window is in use, and how long the cache of it is kept. */
function Context(props: { session: LiveSession; context: NonNullable<LiveSession['context']>; nowMs: number }) {
  const used = () => usedOfWindow(props.session.model, props.context);
  const window = () => formatCompact(windowOf(props.session.model, props.context.most));
  return (
    <div class="gauge">
      <p class="gauge-head">
        <span title={texts.contextHelp(formatCount(props.context.tokens), window())}>
          {texts.context} <strong>{texts.contextOf(formatCompact(props.context.tokens), window())}</strong>
        </span>
        <Show when={props.session.cache}>{(cache) => <Cache {...cache()} nowMs={props.nowMs} />}</Show>
      </p>
      <ProgressBar part={used()} full={used() > FULL} />
    </div>
  );
}

function Cache(props: { ttlMs: number; atMs: number; nowMs: number }) {
  const until = () => props.atMs + props.ttlMs;
  const time = () => formatClock(until() / 1000);
  return (
    <Show
      when={until() > props.nowMs}
      fallback={
        <span class="quiet" title={texts.cacheGoneHelp(time())}>
          {texts.cacheGone}
        </span>
      }
    >
      <span class="quiet" title={texts.cacheHelp(time())}>
        {texts.cache(formatDuration((until() - props.nowMs) / 1000))}
      </span>
    </Show>
  );
}

function Todos(props: { done: number; all: number }) {
  return (
    <div class="gauge">
      <p class="gauge-head">
        <span>{texts.todos(formatCount(props.done), formatCount(props.all))}</span>
      </p>
      <ProgressBar part={props.all === 0 ? 0 : props.done / props.all} />
    </div>
  );
}

/** Tools that start subagents. */
const STARTERS = ['Task', 'Agent'];

/** The main conversation and below it its subagents, with what each used. */
function Tree(props: { session: LiveSession }) {
  const sub = () => props.session.subagents;
  const running = () => props.session.tools.filter((tool) => STARTERS.includes(tool)).length;
  const kinds = () => ranked(props.session.spawned);
  // Nothing where there may be no price, rather than no cost.
  const usd = (value: number) => (value === 0 && props.session.unpriced ? '–' : formatUsd(value));
  return (
    <div class="tree">
      <p class="visually-hidden">{texts.tree}</p>
      <p class="tree-row">
        <span>{texts.main}</span>
        <span>{formatCompact(props.session.tokens - sub().tokens)}</span>
        <span>{usd(props.session.costUsd - sub().costUsd)}</span>
      </p>
      <div class="tree-branch">
        <p class="tree-row">
          <span title={sub().models.map(modelLabel).join(', ')}>
            {texts.subagents}
            <Show when={running() > 0}>
              {' '}
              <span class="state state-working">{texts.running(formatCount(running()))}</span>
            </Show>
          </span>
          <span>{formatCompact(sub().tokens)}</span>
          <span>{usd(sub().costUsd)}</span>
        </p>
        <ul class="tree-branch">
          <For each={kinds()}>
            {([kind, count]) => (
              <li class="tree-row quiet" title={labelTitle('agent_type', kind)}>
                <span>{count > 1 ? texts.times(labelText('agent_type', kind), formatCount(count)) : labelText('agent_type', kind)}</span>
                <Show when={sub().kinds[kind]}>
                  {(used) => (
                    <>
                      <span>{formatCompact(used().tokens)}</span>
                      <span>{usd(used().costUsd)}</span>
                    </>
                  )}
                </Show>
              </li>
            )}
          </For>
        </ul>
      </div>
    </div>
  );
}
