import { useMutation } from '@tanstack/solid-query';
import { For, Show } from 'solid-js';
import type { Diagnosis } from '../../api/client.ts';
import { formatCount } from '../../format/number.ts';
import { formatAgo, formatSeconds } from '../../format/time.ts';
import { useServices } from '../../store/services.ts';
import { health as texts } from '../../texts/health.ts';
import { Panel } from '../../ui/Panel.tsx';

/** What the doctor found at each hop, with what to do about it. */
export function Checks(props: { diagnosis: Diagnosis; nowMs: number }) {
  return (
    <Panel title={texts.checks} figure={<span class="quiet">{formatAgo(Date.parse(props.diagnosis.checkedAt), props.nowMs)}</span>}>
      <CheckList checks={props.diagnosis.checks} />
    </Panel>
  );
}

/** Sends a session through every hop at the press of a button. */
export function SelfTest() {
  const { api } = useServices();
  const test = useMutation(() => ({ mutationFn: () => api.selfTest() }));
  const took = () => (test.data?.checks ?? []).reduce((sum, check) => sum + (check.latencyMs ?? 0), 0);
  return (
    <Panel
      title={texts.selfTest}
      figure={
        <Show when={test.data} fallback={<span class="quiet">{texts.selfTestHelp}</span>}>
          {(data) => <span class="quiet">{texts.selfTestAll(formatCount(data().checks.length), formatSeconds(took() / 1000))}</span>}
        </Show>
      }
      aside={
        <button type="button" class="button" disabled={test.isPending} onClick={() => test.mutate()}>
          {test.isPending ? texts.running : texts.runSelfTest}
        </button>
      }
    >
      <Show when={test.isError}>
        <p class="failed">
          {texts.selfTestFailed} {test.error?.message}
        </p>
      </Show>
      <div role="status">
        <Show when={test.data}>{(data) => <CheckList checks={data().checks} />}</Show>
      </div>
    </Panel>
  );
}

function CheckList(props: { checks: Diagnosis['checks'] }) {
  return (
    <ul class="checks">
      <For each={props.checks}>
        {(check) => (
          <li class="check">
            <span class={`badge badge-${check.status}`}>{texts.words[check.status]}</span>
            <div>
              <p>
                <strong>{check.title}</strong>{' '}
                <Show when={check.latencyMs !== null}>
                  <span class="quiet">{texts.milliseconds(formatCount(Math.round(check.latencyMs ?? 0)))}</span>
                </Show>
              </p>
              <p class="quiet">{check.found}</p>
              <Show when={check.remedy}>{(remedy) => <p class="check-remedy">{remedy()}</p>}</Show>
            </div>
          </li>
        )}
      </For>
    </ul>
  );
}
