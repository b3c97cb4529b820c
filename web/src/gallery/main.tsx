import { createMemoryHistory, MemoryRouter, type MemoryRouterProps } from '@solidjs/router';
import { For, type JSX } from 'solid-js';
import { render } from 'solid-js/web';
import { App } from '../App.tsx';
import '../styles/index.css';
import { Charts } from './Charts.tsx';
import { FACES, type Face, galleryServices } from './services.ts';

/**
 * Every view in every face, on made-up data; in development only. Without parameters it lists them;
 * `?view=/live&face=full` shows one, where `view` is a link of the product.
 */
const parameters = new URLSearchParams(location.search);
const view = parameters.get('view');
const face: Face = FACES.find((name) => name === parameters.get('face')) ?? 'full';
const links = [
  '/',
  '/?range=24h&tokens=kind',
  '/?range=all&cost=project',
  '/?range=1h',
  '/?project=web-app',
  '/live',
  '/sessions',
  '/sessions/s-12',
  '/health',
  '/settings',
  '/promql?expr=sum(ccmeter_tokens_total)',
  '/tokens',
  '/cost',
  '/projects',
  '/activity',
  '/code',
  '/tools',
  '/tools?by=result&range=30d',
  '/todos',
  '/insights',
  '/activity?by=90',
  '/?marks=compaction&marks=model&marks=price&marks=version&marks=commit',
  '/?kiosk=1',
];

const root = document.getElementById('root');
if (!root) throw new Error('gallery.html has no #root');
render(() => (view === null ? <Index /> : view === 'charts' ? <Charts /> : <Shown path={view} />), root);

function Shown(props: { path: string }): JSX.Element {
  const history = createMemoryHistory();
  history.set({ value: props.path });
  const router = (given: MemoryRouterProps) => <MemoryRouter {...given} history={history} />;
  return <App router={router} services={galleryServices(face)} />;
}

function Index(): JSX.Element {
  return (
    <div class="view">
      <h1>Gallery</h1>
      <p>
        <a href="?view=charts">Charts</a>
      </p>
      <For each={links}>
        {(link) => (
          <section class="panel" aria-label={link}>
            <h2>{link}</h2>
            <ul class="legend">
              <For each={FACES}>
                {(name) => (
                  <li>
                    <a href={`?view=${encodeURIComponent(link)}&face=${name}`}>{name}</a>
                  </li>
                )}
              </For>
            </ul>
          </section>
        )}
      </For>
    </div>
  );
}
