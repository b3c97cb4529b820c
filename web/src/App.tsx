import { Route, type RouterProps } from '@solidjs/router';
import { QueryClient, QueryClientProvider } from '@tanstack/solid-query';
import { type Component, lazy } from 'solid-js';
import { type Services, ServicesProvider } from './store/services.ts';
import { shell } from './texts/shell.ts';
import { Shell } from './ui/Shell.tsx';
import { Overview } from './views/Overview/Overview.tsx';

// The first view is there at once; the others come when they are opened.
const Live = lazy(() => import('./views/Live/Live.tsx'));
const Tokens = lazy(() => import('./views/Tokens/Tokens.tsx'));
const Cost = lazy(() => import('./views/Cost/Cost.tsx'));
const Projects = lazy(() => import('./views/Projects/Projects.tsx'));
const Activity = lazy(() => import('./views/Activity/Activity.tsx'));
const Code = lazy(() => import('./views/Code/Code.tsx'));
const Sessions = lazy(() => import('./views/Sessions/Sessions.tsx'));
const Session = lazy(() => import('./views/Sessions/Session.tsx'));
const Health = lazy(() => import('./views/Health/Health.tsx'));
const Settings = lazy(() => import('./views/Settings/Settings.tsx'));
const Promql = lazy(() => import('./views/Promql/Promql.tsx'));
const Tools = lazy(() => import('./views/Tools/Tools.tsx'));
const Todos = lazy(() => import('./views/Todos/Todos.tsx'));
const Insights = lazy(() => import('./views/Insights/Insights.tsx'));

/** The dashboard. The router and the services are handed in: real in the product, in memory and of fixtures in the gallery. */
export function App(props: { router: Component<RouterProps>; services: Services }) {
  const Router = props.router;
  // Made once: as an argument it would be made again wherever a view asks for it, and nothing would be shared.
  const queries = createQueries();
  return (
    <ServicesProvider value={props.services}>
      <QueryClientProvider client={queries}>
        <Router root={Shell}>
          <Route path="/" component={Overview} />
          <Route path="/live" component={Live} />
          <Route path="/tokens" component={Tokens} />
          <Route path="/cost" component={Cost} />
          <Route path="/projects" component={Projects} />
          <Route path="/activity" component={Activity} />
          <Route path="/code" component={Code} />
          <Route path="/sessions" component={Sessions} />
          <Route path="/sessions/:id" component={Session} />
          <Route path="/health" component={Health} />
          <Route path="/settings" component={Settings} />
          <Route path="/promql" component={Promql} />
          <Route path="/tools" component={Tools} />
          <Route path="/todos" component={Todos} />
          <Route path="/insights" component={Insights} />
          <Route path="*" component={NotFound} />
        </Router>
      </QueryClientProvider>
    </ServicesProvider>
  );
}

/** Answers are kept for a while, so that going back to a range shows it at once. */
const KEPT_MS = 5 * 60_000;
/** A server that is down is asked again at this interval. */
const RETRY_AFTER_MS = 5000;

function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        gcTime: KEPT_MS,
        retry: 1,
        retryDelay: 500,
        // On loopback the browser's idea of being online says nothing.
        networkMode: 'always',
        refetchInterval: (query) => (query.state.status === 'error' ? RETRY_AFTER_MS : false),
      },
    },
  });
}

function NotFound() {
  return (
    <div class="view">
      <div class="toolbar">
        <h1>{shell.noPage}</h1>
      </div>
      <p>
        <a class="link" href="/">
          {shell.toOverview}
        </a>
      </p>
    </div>
  );
}
