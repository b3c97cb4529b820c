import { createSignal, For, type JSX, Show } from 'solid-js';
import { formatUsd } from '../../format/number.ts';
import { DEFAULT_PREFERENCES, preferences, setPreferences } from '../../format/preferences.ts';
import { formatMoment, formatWeekday } from '../../format/time.ts';
import { createClock, useServices } from '../../store/services.ts';
import { beep } from '../../ui/Notifier.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { THEMES, useTheme } from '../../ui/theme.ts';

const zones = Intl.supportedValuesOf('timeZone');
const currencies = ['USD', 'EUR', 'GBP', 'CHF', 'JPY', 'CAD', 'AUD', 'INR', 'BRL', 'SEK', 'PLN', 'CNY'];
const themeNames = { system: 'System', light: 'Light', dark: 'Dark' };

/** How this browser shows things. Nothing here changes what is counted, and nothing leaves the browser. */
export default function Settings() {
  const { now } = useServices();
  const time = createClock(now, 1000);
  const { theme, choose } = useTheme();
  const [refused, setRefused] = createSignal(false);
  const currency = () => preferences().currency;
  async function notify(wanted: boolean): Promise<void> {
    if (!wanted) return setPreferences({ notify: false });
    const answer = 'Notification' in window ? await Notification.requestPermission() : 'denied';
    setRefused(answer !== 'granted');
    setPreferences({ notify: answer === 'granted' });
  }
  const sound = (wanted: boolean) => {
    setPreferences({ sound: wanted });
    if (wanted) beep();
  };
  return (
    <div class="view settings">
      <div class="toolbar">
        <h1>Settings</h1>
        <p class="quiet">They are kept in this browser. What is counted does not depend on them.</p>
      </div>
      <Panel title="Look">
        <Row name="Theme" help="System follows the computer.">
          <Segmented
            label="Theme"
            options={THEMES.map((value) => ({ value, label: themeNames[value] }))}
            value={theme()}
            onChange={choose}
          />
        </Row>
        <Row
          name="Hide names"
          help="Projects, machines, branches, subagents and skills get stand-ins, for sharing a screen. Links still name filters."
        >
          <Toggle name="Hide names" checked={preferences().privacy} onChange={(privacy) => setPreferences({ privacy })} />
        </Row>
      </Panel>
      <Panel title="Time">
        <Row name="Time zone" help={`Now it is ${formatMoment(time() / 1000)}.`}>
          <select
            class="input"
            aria-label="Time zone"
            value={preferences().timeZone}
            onChange={(event) => setPreferences({ timeZone: event.currentTarget.value })}
          >
            <option value="">Of the browser ({Intl.DateTimeFormat().resolvedOptions().timeZone})</option>
            <option value="UTC">UTC</option>
            <For each={zones}>{(zone) => <option value={zone}>{zone}</option>}</For>
          </select>
        </Row>
        <Row name="First day of the week" help="In calendars and in the hours of the week.">
          <Segmented
            label="First day of the week"
            options={(['1', '6', '7'] as const).map((value) => ({ value, label: formatWeekday(Number(value), 'long') }))}
            value={preferences().weekStart === 1 ? '1' : preferences().weekStart === 6 ? '6' : '7'}
            onChange={(day) => setPreferences({ weekStart: day === '1' ? 1 : day === '6' ? 6 : 7 })}
          />
        </Row>
      </Panel>
      <Panel title="Money">
        <Row name="Currency" help="Prices are in US dollars. Another currency is shown at a rate of your own; nothing is looked up.">
          <select
            class="input"
            aria-label="Currency"
            value={currency().code}
            onChange={(event) => setPreferences({ currency: { ...currency(), code: event.currentTarget.value } })}
          >
            <For each={currencies}>{(code) => <option value={code}>{code}</option>}</For>
          </select>
        </Row>
        <Show when={currency().code !== 'USD'}>
          <Row name={`${currency().code} for one US dollar`} help={`100 dollars are shown as ${formatUsd(100)}.`}>
            <input
              class="input"
              type="number"
              aria-label="Rate"
              min="0.0001"
              step="any"
              value={currency().perUsd}
              onChange={(event) => setPreferences({ currency: { ...currency(), perUsd: event.currentTarget.valueAsNumber } })}
            />
          </Row>
        </Show>
      </Panel>
      <Panel title="When a session waits for you">
        <Row
          name="Notification"
          help={
            refused()
              ? 'The browser does not allow it for this page.'
              : 'Shown by the browser while this page is open, also in the background.'
          }
        >
          <Toggle name="Notification" checked={preferences().notify} onChange={notify} />
        </Row>
        <Row name="Sound" help="Two short tones.">
          <Toggle name="Sound" checked={preferences().sound} onChange={sound} />
        </Row>
      </Panel>
      <p>
        <button type="button" class="button" onClick={() => setPreferences(DEFAULT_PREFERENCES)}>
          Back to how it was
        </button>
      </p>
    </div>
  );
}

function Row(props: { name: string; help: string; children: JSX.Element }) {
  return (
    <div class="setting">
      <div>
        <p class="setting-name">{props.name}</p>
        <p class="quiet">{props.help}</p>
      </div>
      <div class="setting-control">{props.children}</div>
    </div>
  );
}

function Toggle(props: { name: string; checked: boolean; onChange(checked: boolean): void }) {
  return (
    <label class="switch">
      <span class="visually-hidden">{props.name}</span>
      <input type="checkbox" checked={props.checked} onChange={(event) => props.onChange(event.currentTarget.checked)} />
      <span class="switch-track" aria-hidden="true" />
    </label>
  );
}
