/**
 * The service worker: the files of the dashboard, so that its page is there when nothing answers. The build fills in what they are
 * (build.ts). Answers of the API are none of its business: they are never kept, as numbers of yesterday must not look like numbers of now.
 */

/** @type {string[]} */
const FILES = self.__FILES__;
const CACHE = 'ccmeter-__VERSION__';
const PAGE = '/index.html';

/** A server that is asked for a page and says nothing for so long is treated as one that is away. */
const PATIENCE_MS = 4000;
/** Statuses of a proxy before a server that is away. */
const AWAY = [502, 503, 504];

self.addEventListener('install', (event) => {
  event.waitUntil(keepFiles());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOlder().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (isView(url.pathname)) event.respondWith(openPage(request));
  } else if (FILES.includes(url.pathname)) event.respondWith(openFile(request, url.pathname));
});

/** One after the other, as the page has more urgent things to ask for. Where one fails the browser begins again with the next visit. */
async function keepFiles() {
  const cache = await caches.open(CACHE);
  for (const file of FILES) await cache.add(new Request(file, { cache: 'no-cache' }));
}

/** Everything that is asked for as a page is one of ours, but what the query API keeps for itself. */
function isView(path) {
  return !/^\/(api|events|metrics|auth|hooks|-)(\/|$)/.test(path);
}

/** The page as the server has it, so that it is never an old one; where there is no server, the one that is kept. */
async function openPage(request) {
  const kept = await caches.match(PAGE, { cacheName: CACHE });
  try {
    const answer = await (kept ? inTime(fetch(request)) : fetch(request));
    return kept && AWAY.includes(answer.status) ? kept : answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/** Names of scripts and styles hold a hash of what is in them: what is kept is what the server has. Of the rest the server's comes first. */
async function openFile(request, path) {
  const kept = () => caches.match(path, { cacheName: CACHE });
  if (path.startsWith('/assets/')) return (await kept()) ?? fetch(request);
  return fetch(request).catch(async (error) => {
    const file = await kept();
    if (file) return file;
    throw error;
  });
}

function inTime(answer) {
  return Promise.race([answer, new Promise((_, reject) => setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS))]);
}

async function forgetOlder() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith('ccmeter-') && name !== CACHE).map((name) => caches.delete(name)));
}
