// Sending what waits. One sender at a time, however many tabs are open and whether a page or the service worker
// sends (Web Locks); a record that arrived and whose answer was lost is sent again, which the server takes as the same.
import { outbox, type Waiting } from './store';

/** What became of a try: how many arrived, were set aside by the server, were refused, and still wait. */
export interface Outcome {
  arrived: number;
  aside: number;
  refused: number;
  waiting: number;
}

const FIRST = 5_000; // ms
const LONGEST = 15 * 60_000; // ms
const LONGEST_POST = 30 * 60_000; // ms, as the server gives it

// What one sender did the other pages hear, and the service worker's work every page.
const channel = new BroadcastChannel('waymark-outbox');

/** Hears what other senders did. */
export function heard(tell: (o: Outcome) => void): void {
  channel.onmessage = (e) => tell(e.data);
}

let queued: Promise<Outcome> | undefined;
let hurried = false;

/** Sends what is due, after another sender that is at work; with hurry also what should wait longer. */
export function send(hurry: boolean): Promise<Outcome> {
  hurried ||= hurry;
  return (queued ??= turn());
}

async function turn(): Promise<Outcome> {
  return navigator.locks.request('waymark-outbox', async () => {
    const all = hurried;
    queued = undefined; // what is put in from here on may have been passed over
    hurried = false;
    const out = await sendAll(all);
    channel.postMessage(out);
    return out;
  });
}

async function sendAll(hurry: boolean): Promise<Outcome> {
  const out: Outcome = { arrived: 0, aside: 0, refused: 0, waiting: 0 };
  for (const w of await outbox.all()) {
    if (w.state === 'refused' && !hurry) {
      out.refused++;
      continue;
    }
    if (!hurry && w.next > Date.now()) {
      out.waiting++;
      continue;
    }
    out[await sendOne(w)]++;
  }
  return out;
}

async function sendOne(w: Waiting): Promise<keyof Outcome> {
  let status = 0;
  let answer: { kept?: boolean; code?: string } = {};
  try {
    const response = await fetch(w.to + '/sealed', {
      method: 'POST',
      body: w.sealed,
      headers: { 'Content-Type': 'application/octet-stream', Accept: 'application/json' },
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(LONGEST_POST),
    });
    status = response.status;
    answer = await response.json().catch(() => ({}));
  } catch {
    // no network, or the answer was lost on the way: it is sent again
  }
  if (answer.kept === true && status >= 200 && status < 500) {
    await outbox.drop(w.id);
    return status < 300 ? 'arrived' : 'aside';
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429) {
    await outbox.put({ ...w, state: 'refused', reason: answer.code ?? '', tries: w.tries + 1 });
    return 'refused';
  }
  const pause = Math.min(LONGEST, FIRST * 2 ** Math.min(w.tries, 12)) * (0.5 + Math.random() / 2);
  await outbox.put({ ...w, state: 'waiting', tries: w.tries + 1, next: Date.now() + pause });
  return 'waiting';
}
