// The service worker keeps the page, the form and its files for when there is no network, and sends what waits when
// the browser wakes it. It keeps no answer: only what the server gave, and of that nothing marked no-store.
import { send } from './send';

// The library of this file is the worker's, which the page's compiler does not know.
interface Extendable extends Event {
  waitUntil(p: Promise<unknown>): void;
}
interface Fetched extends Extendable {
  request: Request;
  respondWith(r: Promise<Response>): void;
}
interface Told extends Extendable {
  data: Keep;
  ports: MessagePort[];
}
const scope = self as unknown as {
  addEventListener(kind: string, act: (e: never) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
};

/** What a page asks to be kept. */
export interface Keep {
  page: string; // "/f/TOKEN/FORM"
  files: string[]; // of the form
  shell: string[]; // of the page
}

const SHELL = 'waymark-shell';
const FORMS = 'waymark-forms';
const PATIENCE = 4_000; // ms that a page may take to come before the kept one is shown

scope.addEventListener('install', (e: Extendable) => e.waitUntil(scope.skipWaiting()));
scope.addEventListener('activate', (e: Extendable) => e.waitUntil(scope.clients.claim()));
scope.addEventListener('sync', (e: Extendable) =>
  e.waitUntil(
    send(true).then((out) => {
      if (out.waiting) throw new Error('waits'); // the browser wakes us again
    }),
  ),
);

scope.addEventListener('message', (e: Told) => {
  e.waitUntil(
    keep(e.data).then(
      () => e.ports[0]?.postMessage(true),
      () => e.ports[0]?.postMessage(false),
    ),
  );
});

async function keep(k: Keep): Promise<void> {
  const forms = await caches.open(FORMS);
  try {
    await sync(await caches.open(SHELL), k.shell, () => true);
    await sync(forms, k.files, (path) => path.startsWith(k.page + '/'));
  } finally {
    // Last, for the link may have been taken back while its files came.
    const now = await fetch(k.page, { cache: 'no-store' });
    if (gone(now)) await forget(k.page);
    else await store(forms, k.page, now);
  }
}

/** Says whether a link was taken back, or its form. */
function gone(page: Response): boolean {
  return page.status === 403 || page.status === 404;
}

/** Takes away what is kept of a page. */
async function forget(page: string): Promise<void> {
  await sync(await caches.open(FORMS), [], (path) => path === page || path.startsWith(page + '/'));
}

/** Makes a cache hold these addresses, and of its own none other. */
async function sync(cache: Cache, want: string[], own: (path: string) => boolean): Promise<void> {
  const have = new Set<string>();
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (want.includes(pathname + search)) have.add(pathname + search);
    else if (own(pathname)) await cache.delete(request);
  }
  for (const address of want) {
    if (have.has(address)) continue;
    if (!(await store(cache, address, await fetch(address)))) throw new Error(address);
  }
}

async function store(cache: Cache, address: string, response: Response): Promise<boolean> {
  const ours = response.ok && !response.redirected && !/no-store/.test(response.headers.get('Cache-Control') ?? '');
  if (ours) await cache.put(address, response.clone());
  return ours;
}

scope.addEventListener('fetch', (e: Fetched) => {
  const { origin, pathname } = new URL(e.request.url);
  if (e.request.method !== 'GET' || origin !== location.origin || !pathname.startsWith('/f/')) return;
  e.respondWith(pathname.startsWith('/f/assets/') || e.request.mode !== 'navigate' ? kept(e.request) : page(e.request, pathname));
});

/** A file: as it is kept, for its address changes when it does; else from the network. */
async function kept(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** The page: from the network where it answers in time, else as it is kept. A link that was taken back is forgotten. */
async function page(request: Request, path: string): Promise<Response> {
  const have = await caches.match(path);
  const asked = fetch(request).then(async (response) => {
    if (gone(response)) await forget(path);
    else if (have) await store(await caches.open(FORMS), path, response);
    return response;
  });
  if (!have) return asked;
  const late = new Promise<Response>((resolve) => setTimeout(() => resolve(have), PATIENCE));
  return Promise.race([asked.then((r) => (r.status >= 500 ? have : r)).catch(() => have), late]);
}
