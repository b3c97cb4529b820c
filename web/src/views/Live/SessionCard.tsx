import { Show } from 'solid-js';
import { labelText, labelTitle } from '../../format/labels.ts';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatUsd, formatUsdExact, formatWords } from '../../format/number.ts';
import { formatAgo, formatClock } from '../../format/time.ts';
import type { LiveSession, SessionState } from '../../store/live.ts';

const stateHelp: Record<SessionState, string> = {
  working: 'A turn is under way',
  waiting: 'The turn has ended: it is your move',
  idle: 'Nothing for five minutes',
  ended: 'The session has ended',
};

function failureText({ lastFailure }: LiveSession): string {
  if (!lastFailure) return '';
  const why = lastFailure.category ? `, ${lastFailure.category.replaceAll('_', ' ')}` : '';
  return `Last: ${lastFailure.tool}${why}, ${formatClock(lastFailure.atMs / 1000)}`;
}

/** One session: where, what it does, on which model, what it has used. */
export function SessionCard(props: { session: LiveSession; state: SessionState; nowMs: number; slots: ReadonlyMap<string, number> }) {
  const session = () => props.session;
  const since = () =>
    session().whole ? 'in the whole session' : `since ${formatClock(session().sinceMs / 1000)}, from where events are known`;
  return (
    <li class={`session session-${props.state}`}>
      <div class="session-head">
        <h3 title={`${labelTitle('project', session().project)} on ${labelTitle('host', session().source)}`}>
          {labelText('project', session().project)}
        </h3>
        <span class={`state state-${props.state}`} title={stateHelp[props.state]}>
          {props.state}
        </span>
      </div>
      <p class="session-model">
        <Show when={session().model} fallback={<span class="quiet">no response yet</span>}>
          {(model) => (
            <span title={model()}>
              <span class={`swatch slot-${props.slots.get(model()) ?? 'rest'}`} />
              {modelLabel(model())}
            </span>
          )}
        </Show>
        <Show when={session().tool}>{(tool) => <span class="session-tool">{tool()}</span>}</Show>
        <span class="session-age">{formatAgo(session().lastMs, props.nowMs)}</span>
      </p>
      <dl class="session-figures">
        <div title={`${formatUsdExact(session().costUsd)} ${since()}${session().unpriced ? ', without tokens of unknown price' : ''}`}>
          <dt>Cost</dt>
          <dd>
            <Show when={!session().unpriced || session().costUsd > 0} fallback={<span class="quiet">no price</span>}>
              {session().unpriced ? '≥ ' : ''}
              {formatUsd(session().costUsd)}
            </Show>
          </dd>
        </div>
        <div title={`${formatCount(session().tokens)} tokens ${since()}`}>
          <dt>Tokens</dt>
          <dd>{formatCompact(session().tokens)}</dd>
        </div>
        <div title={`${formatCount(session().outputTokens)} output tokens ${since()}`}>
          <dt>Output</dt>
          <dd>{formatCompact(session().outputTokens)}</dd>
        </div>
        <div title={`${formatWords(session().requests, ['response', 'responses'])} ${since()}`}>
          <dt>Requests</dt>
          <dd>{formatCount(session().requests)}</dd>
        </div>
      </dl>
      <Show when={session().calls > 0}>
        <p class="session-todos">
          {formatWords(session().calls, ['tool call', 'tool calls'])}
          <Show when={session().failures > 0}>
            ,{' '}
            <span class="failed" title={failureText(session())}>
              {formatCount(session().failures)} failed
            </span>
          </Show>
        </p>
      </Show>
      <Show when={session().todos}>
        {(todos) => (
          <p class="session-todos">
            {todos().done} of {todos().all} todos done
          </p>
        )}
      </Show>
    </li>
  );
}
