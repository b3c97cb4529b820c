import { Popover } from '@kobalte/core/popover';
import { A, useLocation } from '@solidjs/router';
import { createEffect, createSignal, ErrorBoundary, For, type JSX, on, Show, Suspense } from 'solid-js';
import { preferences } from '../format/preferences.ts';
import { formatAgo, formatClockSeconds } from '../format/time.ts';
import { useDiagnosis } from '../store/diagnosis.ts';
import { keptState, writeState } from '../store/location.ts';
import { createClock, useServices } from '../store/services.ts';
import { useViewState } from '../store/view-state.ts';
import { VIEWS, viewAt } from '../store/views.ts';
import { common } from '../texts/common.ts';
import { faces, shell as texts } from '../texts/shell.ts';
import { ChevronIcon, GearIcon, MoonIcon, SearchIcon, SunIcon, SystemIcon } from './icons.tsx';
import { Keys, openPalette } from './Keys.tsx';
import { Blank } from './Message.tsx';
import { Notifier } from './Notifier.tsx';
import { THEMES, useTheme } from './theme.ts';
import { ViewLoading } from './ViewLoading.tsx';

const inBar = VIEWS.filter((view) => view.path !== '/settings');

/** What is around every view. Links carry the range and the filters along. */
export function Shell(props: { children?: JSX.Element }) {
  const [state, change] = useViewState();
  const location = useLocation();
  const kept = () => writeState(keptState(state()));
  const view = () => viewAt(location.pathname);
  createEffect(() => {
    document.title = view() ? `${view()?.name} · ccmeter` : 'ccmeter';
  });
  createEffect(() => document.documentElement.classList.toggle('kiosk', state().kiosk));
  createEffect(() => document.documentElement.classList.toggle('compact', preferences().density === 'compact'));
  // The link names filters as they are shown.
  createEffect(
    on(
      () => preferences().privacy,
      () => change({}, true),
      { defer: true },
    ),
  );
  return (
    <>
      {/* External, so that the browser goes there: the router would take the link for its own and leave the focus where it was. */}
      <a class="skip" href="#main" rel="external">
        {texts.skip}
      </a>
      <header class="top">
        <div class="top-inner">
          <A class="brand" href={`/${kept()}`} end aria-label={texts.home}>
            <span class="brand-mark" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            <span class="brand-name">ccmeter</span>
          </A>
          <nav class="views" aria-label={texts.views}>
            <For each={inBar}>
              {(one) => (
                <A href={`${one.path}${kept()}`} end={one.path === '/'}>
                  {one.name}
                </A>
              )}
            </For>
          </nav>
          <ViewMenu kept={kept()} name={view()?.name ?? texts.views} />
          <div class="top-end">
            <ConnectionState kept={kept()} />
            <button type="button" class="button button-icon" aria-label={texts.find} title={texts.findHint} onClick={openPalette}>
              <SearchIcon />
            </button>
            <A class="button button-icon" href={`/settings${kept()}`} aria-label={texts.settings} title={texts.settings}>
              <GearIcon />
            </A>
            <ThemeButton />
          </div>
        </div>
      </header>
      <main id="main" tabindex="-1">
        <ErrorBoundary fallback={(error, reset) => <Unloaded name={view()?.name ?? ''} error={error} onLeave={reset} />}>
          <Suspense
            fallback={
              <div class="view">
                <div class="toolbar">
                  <h1>{view()?.name}</h1>
                </div>
                <ViewLoading />
              </div>
            }
          >
            {props.children}
          </Suspense>
        </ErrorBoundary>
      </main>
      <Show when={state().kiosk}>
        <button type="button" class="button kiosk-end" onClick={() => change({ kiosk: false })}>
          {texts.endKiosk}
        </button>
      </Show>
      <Keys />
      <Notifier />
    </>
  );
}

/** A view whose script did not come, or that failed. The others can still be gone to. */
function Unloaded(props: { name: string; error: unknown; onLeave(): void }) {
  const location = useLocation();
  createEffect(on(() => location.pathname, props.onLeave, { defer: true }));
  // Caught here, it would be seen by nobody who looks for its cause.
  reportError(props.error);
  return (
    <div class="view">
      <div class="toolbar">
        <h1>{props.name}</h1>
      </div>
      <Blank
        title={faces.unloaded}
        alert
        action={
          <button type="button" class="button" onClick={() => window.location.reload()}>
            {faces.reload}
          </button>
        }
      >
        <p>{props.error instanceof Error ? props.error.message : String(props.error)}</p>
      </Blank>
    </div>
  );
}

/** The views where there is no room for all of them in a row. */
function ViewMenu(props: { kept: string; name: string }) {
  const [open, setOpen] = createSignal(false);
  return (
    <Popover open={open()} onOpenChange={setOpen} gutter={6} placement="bottom-start">
      <Popover.Trigger class="button view-menu" aria-label={texts.viewsNow(props.name)}>
        {props.name}
        <ChevronIcon />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content class="popover" aria-label={texts.views}>
          <ul class="menu-items">
            <For each={inBar}>
              {(one) => (
                <li>
                  <A href={`${one.path}${props.kept}`} end={one.path === '/'} onClick={() => setOpen(false)}>
                    {one.name}
                  </A>
                </li>
              )}
            </For>
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover>
  );
}

/** Whether events come in, since when they do not, and whether every hop of the pipeline is well: the way to Health. */
function ConnectionState(props: { kept: string }) {
  const { live, now } = useServices();
  const time = createClock(now, 1000);
  const doctor = useDiagnosis();
  const trouble = () => {
    const status = doctor.isSuccess ? doctor.data.status : 'ok';
    return live.connection() === 'open' && status !== 'ok' ? status : null;
  };
  const words = () => {
    const found = trouble();
    return found ? texts.pipeline[found] : texts.connection[live.connection()];
  };
  return (
    <A class={`connection connection-${trouble() ?? live.connection()}`} href={`/health${props.kept}`} title={words().title}>
      <span class="dot" aria-hidden="true" />
      <span class="connection-text" role="status">
        {words().text}
      </span>
      {/* Outside of the status, so that it is not read aloud every second. */}
      <Show when={live.lostAtMs()}>
        {(at) => (
          <span class="connection-age" title={common.since(formatClockSeconds(at()))}>
            {formatAgo(at(), time())}
          </span>
        )}
      </Show>
    </A>
  );
}

const themeIcons = { system: SystemIcon, light: SunIcon, dark: MoonIcon };

/** Goes through the themes one by one. */
function ThemeButton() {
  const { theme, choose } = useTheme();
  const next = () => THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length] ?? 'system';
  const label = () => texts.theme(theme(), next());
  return (
    <button type="button" class="button button-icon theme-button" aria-label={label()} title={label()} onClick={() => choose(next())}>
      {themeIcons[theme()]()}
    </button>
  );
}
