/* @refresh reload */
import { Router } from '@solidjs/router';
import { render } from 'solid-js/web';
import { App } from './App.tsx';
import { createApi } from './api/client.ts';
import { eventStream } from './api/stream.ts';
import { registerServiceWorker } from './offline/register.ts';
import { createLive, type Services } from './store/services.ts';
import './styles/index.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const services: Services = {
  api: createApi(location.origin),
  live: createLive(eventStream('/api/stream'), Date.now),
  now: Date.now,
};

render(() => <App router={Router} services={services} />, root);
registerServiceWorker();
