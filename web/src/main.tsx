/* @refresh reload */
import { Router } from '@solidjs/router';
import { render } from 'solid-js/web';
import { App } from './App.tsx';
import { createApi } from './api/client.ts';
import { fewAtOnce } from './api/few.ts';
import { eventStream } from './api/stream.ts';
import { preferences } from './format/preferences.ts';
import { registerServiceWorker } from './offline/register.ts';
import { createLive, type Services } from './store/services.ts';
import './styles/index.css';

/** As many as browsers have connections over HTTP/1.1, one of which is the stream's. */
const REQUESTS_AT_ONCE = 5;

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const services: Services = {
  api: createApi(location.origin, fewAtOnce(fetch, REQUESTS_AT_ONCE)),
  live: createLive(
    eventStream('/api/stream', () => preferences().notify || preferences().sound),
    Date.now,
  ),
  now: Date.now,
};

render(() => <App router={Router} services={services} />, root);
registerServiceWorker();
