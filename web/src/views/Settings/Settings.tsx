import { For, type JSX, Show } from 'solid-js';
import { formatUsd } from '../../format/number.ts';
import { DEFAULT_PREFERENCES, DENSITIES, preferences, REFRESHES, setPreferences } from '../../format/preferences.ts';
import { formatMoment, formatWeekday } from '../../format/time.ts';
import { createClock, useServices } from '../../store/services.ts';
import { settings as texts } from '../../texts/settings.ts';
import { Panel } from '../../ui/Panel.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { THEMES, useTheme } from '../../ui/theme.ts';
import { WaitingSwitches } from '../../ui/WaitingSwitches.tsx';
import { Sources } from './Sources.tsx';

const zones = Intl.supportedValuesOf('timeZone');
const currencies = ['USD', 'EUR', 'GBP', 'CHF', 'JPY', 'CAD', 'AUD', 'INR', 'BRL', 'SEK', 'PLN', 'CNY'];

/** How this browser shows things. Nothing here changes what is counted, and nothing leaves the browser. */
export default function Settings() {
  return (
    <div class="view settings">
      <div class="toolbar">
        <h1>{texts.name}</h1>
        <p class="quiet">{texts.intro}</p>
      </div>
      <Look />
      <Time />
      <Money />
      <Panel title={texts.waiting}>
        <p class="setting-note">{texts.waitingHelp}</p>
        <WaitingSwitches />
      </Panel>
      <Grafana />
      <Sources />
      <p>
        <button type="button" class="button" onClick={() => setPreferences(DEFAULT_PREFERENCES)}>
          {texts.reset}
        </button>
      </p>
    </div>
  );
}

function Look() {
  const { theme, choose } = useTheme();
  return (
    <Panel title={texts.look}>
      <Row name={texts.theme} help={texts.themeHelp}>
        <Segmented
          label={texts.theme}
          options={THEMES.map((value) => ({ value, label: texts.themes[value] }))}
          value={theme()}
          onChange={choose}
        />
      </Row>
      <Row name={texts.density} help={texts.densityHelp}>
        <Segmented
          label={texts.density}
          options={DENSITIES.map((value) => ({ value, label: texts.densities[value] }))}
          value={preferences().density}
          onChange={(density) => setPreferences({ density })}
        />
      </Row>
      <Row name={texts.privacy} help={texts.privacyHelp}>
        <Switch name={texts.privacy} checked={preferences().privacy} onChange={(privacy) => setPreferences({ privacy })} />
      </Row>
    </Panel>
  );
}

function Time() {
  const { now } = useServices();
  const time = createClock(now, 1000);
  return (
    <Panel title={texts.time}>
      <Row name={texts.zone} help={texts.zoneHelp(formatMoment(time() / 1000))}>
        <select
          class="input"
          aria-label={texts.zone}
          value={preferences().timeZone}
          onChange={(event) => setPreferences({ timeZone: event.currentTarget.value })}
        >
          <option value="">{texts.zoneOfBrowser(Intl.DateTimeFormat().resolvedOptions().timeZone)}</option>
          <option value="UTC">UTC</option>
          <For each={zones}>{(zone) => <option value={zone}>{zone}</option>}</For>
        </select>
      </Row>
      <Row name={texts.weekStart} help={texts.weekStartHelp}>
        <Segmented
          label={texts.weekStart}
          options={(['1', '6', '7'] as const).map((value) => ({ value, label: formatWeekday(Number(value), 'long') }))}
          value={preferences().weekStart === 1 ? '1' : preferences().weekStart === 6 ? '6' : '7'}
          onChange={(day) => setPreferences({ weekStart: day === '1' ? 1 : day === '6' ? 6 : 7 })}
        />
      </Row>
      <Row name={texts.refresh} help={texts.refreshHelp}>
        <Segmented
          label={texts.refresh}
          options={REFRESHES.map((value) => ({ value, label: texts.refreshes[value] }))}
          value={preferences().refresh}
          onChange={(refresh) => setPreferences({ refresh })}
        />
      </Row>
    </Panel>
  );
}

function Money() {
  const currency = () => preferences().currency;
  return (
    <Panel title={texts.money}>
      <Row name={texts.currency} help={texts.currencyHelp}>
        <select
          class="input"
          aria-label={texts.currency}
          value={currency().code}
          onChange={(event) => setPreferences({ currency: { ...currency(), code: event.currentTarget.value } })}
        >
          <For each={currencies}>{(code) => <option value={code}>{code}</option>}</For>
        </select>
      </Row>
      <Show when={currency().code !== 'USD'}>
        <Row name={texts.rateName(currency().code)} help={texts.rateHelp(formatUsd(100))}>
          <input
            class="input"
            type="number"
            aria-label={texts.rate}
            min="0.0001"
            step="any"
            value={currency().perUsd}
            onChange={(event) => setPreferences({ currency: { ...currency(), perUsd: event.currentTarget.valueAsNumber } })}
          />
        </Row>
      </Show>
    </Panel>
  );
}

function Grafana() {
  const grafana = () => preferences().grafana;
  return (
    <Panel title={texts.grafana}>
      <Row name={texts.grafanaUrl} help={texts.grafanaUrlHelp}>
        <input
          class="input"
          type="url"
          aria-label={`${texts.grafana}: ${texts.grafanaUrl}`}
          placeholder="http://127.0.0.1:3000"
          value={grafana().url}
          onChange={(event) => setPreferences({ grafana: { ...grafana(), url: event.currentTarget.value.trim() } })}
        />
      </Row>
      <Row name={texts.grafanaSource} help={texts.grafanaSourceHelp}>
        <input
          class="input"
          type="text"
          aria-label={`${texts.grafana}: ${texts.grafanaSource}`}
          value={grafana().datasource}
          onChange={(event) => setPreferences({ grafana: { ...grafana(), datasource: event.currentTarget.value.trim() } })}
        />
      </Row>
    </Panel>
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
