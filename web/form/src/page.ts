// The page that fills in a form. Everything that is sent goes the same way, with or without a network: sealed, kept,
// then sent.
import { chosen, language, say, setting } from './early';
import 'engine.css';
import './page.css';
import { OdkWebForm, POST_SUBMIT__NEW_INSTANCE, webFormsPlugin, type Payload, type Root } from '@getodk/web-forms';
import { createApp, defineComponent, h, onMounted, reactive, type VNode } from 'vue';
import { Desk, partsOf, reopen, SHORTEST } from './draft';
import { mend } from './mend';
import { words } from './widget';
import { sealTo } from './seal';
import { heard, send, type Outcome } from './send';
import { drafts, outbox, type Draft, type Waiting } from './store';

type Kind = 'good' | 'wait' | 'bad';
const state = reactive({
  online: navigator.onLine,
  kept: false, // the form opens without a network
  notice: { kind: 'good' as Kind, text: '' },
  waiting: [] as Waiting[],
  drafts: [] as Draft[],
  xml: '',
  failed: '',
  turn: 0, // a new form is begun
  asking: '' as '' | 'keep' | string, // a passphrase: to keep a draft, or to open the one of this id
  wrong: '',
  busy: false,
  edit: null as Record<string, unknown> | null,
  drafting: false,
});

let root: Root | undefined; // the record being filled in
let desk: Desk | undefined; // its draft
let touched = false;

const time = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'medium', timeStyle: 'short' });
const tell = (kind: Kind, code: string, n?: number) => (state.notice = { kind, text: say(code, n) });

// --- what waits

async function look(): Promise<void> {
  state.waiting = await outbox.all();
  state.drafts = (await drafts.all()).filter((d) => d.form === setting.form).sort((a, b) => b.saved - a.saved);
}

/** Says what became of what was sent. */
function report(out: Outcome): void {
  if (out.arrived) tell('good', 'respond.arrived', out.arrived);
  if (out.aside) tell('bad', 'respond.aside', out.aside);
  if (out.refused) tell('bad', 'respond.refused', out.refused);
  if (!out.arrived && !out.aside && !out.refused && out.waiting) tell('wait', 'respond.waits', out.waiting);
}

let timer = 0;
async function flush(hurry: boolean): Promise<void> {
  try {
    if ((await outbox.all()).length) report(await send(hurry));
    await look();
  } catch {
    return; // no storage: a record could not have been put there, and submit says so
  }
  const due = state.waiting.filter((w) => w.state === 'waiting').map((w) => w.next);
  clearTimeout(timer);
  if (due.length) timer = setTimeout(flush, Math.max(2_000, Math.min(...due) - Date.now()), false);
}

heard((out) => {
  report(out);
  void look();
});

async function wake(): Promise<void> {
  const worker = (await navigator.serviceWorker?.ready) as { sync?: { register(tag: string): Promise<void> } } | undefined;
  await worker?.sync?.register('waymark-outbox').catch(() => undefined); // where the browser has it; else the page's timer does
}

// --- sending and drafts

async function submit(payload: Payload, done: (result: unknown) => void): Promise<void> {
  if (payload.status !== 'ready' || state.busy) return;
  state.busy = true;
  try {
    const parts = await partsOf(payload, state.edit !== null);
    const sealed = await sealTo(setting.key, setting.form, parts);
    if (sealed.size > setting.maximum) return void tell('bad', 'respond.too-large');
    await outbox.put({ id: crypto.randomUUID(), to: setting.base, project: setting.project, form: setting.form, title: setting.title, made: Date.now(), sealed, tries: 0, next: 0, state: 'waiting', reason: '' });
    touched = false;
    done({ next: POST_SUBMIT__NEW_INSTANCE });
    if (desk) await drafts.drop(desk.id);
    leaveDraft();
    scrollTo(0, 0);
    tell('wait', 'respond.sealed');
    void wake();
    void flush(false); // not waited for: the next record may be sealed meanwhile
  } catch {
    tell('bad', 'respond.not-kept');
  } finally {
    state.busy = false;
  }
}

function leaveDraft(): void {
  desk = undefined;
  state.drafting = false;
  if (state.edit) {
    state.edit = null;
    state.turn++;
  }
}

async function saveDraft(): Promise<void> {
  if (!desk || !root || state.busy) return;
  if (await desk.save(root, state.edit !== null)) {
    touched = false;
    await look();
  }
}

async function passphrase(words: string): Promise<void> {
  if (words.length < SHORTEST) return void (state.wrong = say('respond.draft.short'));
  state.busy = true;
  state.wrong = '';
  try {
    if (state.asking === 'keep') {
      desk = await Desk.begin(setting.form, words);
      state.drafting = true;
      state.asking = '';
      state.busy = false;
      await saveDraft();
      tell('good', 'respond.draft.kept');
    } else {
      const draft = state.drafts.find((d) => d.id === state.asking)!;
      const opened = await Desk.open(draft, words);
      desk = opened.desk;
      state.edit = reopen(opened.parts);
      state.drafting = true;
      state.asking = '';
      state.turn++;
      tell('good', 'respond.draft.opened');
    }
  } catch {
    state.wrong = say('respond.draft.wrong');
  } finally {
    state.busy = false;
  }
}

// --- the page

const button = (code: string, act: () => void, extra: Record<string, unknown> = {}) => h('button', { type: 'button', class: 'wm-button', onClick: act, ...extra }, say(code));

function head(): VNode {
  const other = Object.keys(setting.texts).map((tag) =>
    h('a', { href: '?lang=' + tag, lang: tag, hreflang: tag, 'aria-current': tag === language ? 'true' : undefined }, tag === 'fr' ? 'Français' : 'English'),
  );
  const line = state.online ? (state.kept ? 'respond.ready' : setting.live ? 'respond.live' : 'respond.online') : 'respond.offline';
  return h('header', { class: 'wm-head', lang: language, dir: 'ltr' }, [
    h('p', { class: ['wm-line', state.online ? 'wm-on' : 'wm-off'], role: 'status' }, say(line)),
    h('nav', { class: 'wm-languages', 'aria-label': say('respond.language') }, other),
  ]);
}

function boxes(): VNode[] {
  const out: VNode[] = [h('p', { class: ['wm-notice', 'wm-' + state.notice.kind], role: 'status', 'aria-live': 'polite' }, state.notice.text)];
  if (state.waiting.length) {
    out.push(
      h('section', { class: 'wm-box', 'aria-labelledby': 'wm-waiting' }, [
        h('h2', { id: 'wm-waiting' }, say('respond.outbox', state.waiting.length)),
        h('p', say('respond.outbox.note')),
        h(
          'ul',
          state.waiting.map((w) =>
            h('li', { key: w.id }, [
              h('span', [h('bdi', w.title), ' · ', time.format(w.made), ' · ', say('respond.kilobytes', Math.ceil(w.sealed.size / 1024))]),
              w.state === 'refused' ? h('strong', { class: 'wm-bad' }, say('respond.refused.' + (w.reason === 'respond.key' ? 'key' : w.reason === 'respond.large' ? 'large' : 'link'))) : null,
              w.state === 'refused' ? button('respond.discard', () => void (confirm(say('respond.discard.sure')) && outbox.drop(w.id).then(look)), { class: 'wm-button wm-quiet' }) : null,
            ]),
          ),
        ),
        button('respond.send-now', () => void flush(true)),
      ]),
    );
  }
  if (state.drafts.length && !state.drafting) {
    out.push(
      h('section', { class: 'wm-box', 'aria-labelledby': 'wm-drafts' }, [
        h('h2', { id: 'wm-drafts' }, say('respond.drafts', state.drafts.length)),
        h(
          'ul',
          state.drafts.map((d) =>
            h('li', { key: d.id }, [
              h('span', time.format(d.saved)),
              button('respond.draft.open', () => void ((!touched || confirm(say('respond.draft.replace'))) && (state.asking = d.id)), { 'aria-label': say('respond.draft.open') + ' ' + time.format(d.saved) }),
              button('respond.discard', () => void (confirm(say('respond.discard.sure')) && drafts.drop(d.id).then(look)), { class: 'wm-button wm-quiet', 'aria-label': say('respond.discard') + ' ' + time.format(d.saved) }),
            ]),
          ),
        ),
      ]),
    );
  }
  return out;
}

function ask(): VNode | null {
  if (!state.asking) return null;
  return h(
    'form',
    {
      class: 'wm-box wm-ask',
      autocomplete: 'off',
      'aria-labelledby': 'wm-ask',
      onSubmit: (e: Event) => {
        e.preventDefault();
        const input = (e.target as HTMLFormElement).querySelector('input')!;
        const words = input.value;
        input.value = '';
        void passphrase(words);
      },
    },
    [
      h('h2', { id: 'wm-ask' }, say(state.asking === 'keep' ? 'respond.draft.keep' : 'respond.draft.open')),
      h('label', { for: 'wm-passphrase' }, say('respond.draft.passphrase')),
      h('p', { id: 'wm-passphrase-note' }, say('respond.draft.note')),
      h('input', { id: 'wm-passphrase', type: 'password', autocomplete: 'off', required: true, 'aria-describedby': 'wm-passphrase-note wm-wrong', 'aria-invalid': state.wrong ? 'true' : undefined, onVnodeMounted: (v: VNode) => (v.el as HTMLElement).focus() }),
      h('p', { id: 'wm-wrong', class: 'wm-bad', role: 'alert' }, state.wrong),
      h('button', { class: 'wm-button', disabled: state.busy }, say(state.busy ? 'respond.working' : 'respond.go-on')),
      button('respond.cancel', () => void ((state.asking = ''), (state.wrong = '')), { class: 'wm-button wm-quiet' }),
    ],
  );
}

function form(): VNode {
  if (state.failed) return h('p', { class: 'wm-notice wm-bad', role: 'alert' }, state.failed);
  if (!state.xml) return h('p', { class: 'wm-notice', role: 'status' }, say('respond.loading'));
  return h(
    'form',
    { class: 'wm-form', autocomplete: 'off', novalidate: true, onSubmit: (e: Event) => e.preventDefault(), onInput: () => (touched = true), onChange: () => (touched = true) },
    h(OdkWebForm, { key: state.turn, formXml: state.xml, fetchFormAttachment: media, missingResourceBehavior: 'BLANK', editInstance: state.edit ?? undefined, onSubmit: submit }),
  );
}

const Page = defineComponent({
  setup() {
    onMounted(() => void start());
    return () => [
      head(),
      h('main', [
        h('div', { class: 'wm-boxes', lang: language, dir: 'ltr' }, [
          ...boxes(),
          ask(),
          state.xml && !state.asking
            ? state.drafting
              ? h('p', { class: 'wm-drafting' }, say('respond.draft.on'))
              : h('p', { class: 'wm-drafting' }, [button('respond.draft.keep', () => void (state.asking = 'keep'), { class: 'wm-button wm-quiet' })])
            : null,
        ]),
        form(),
      ]),
      h('footer', { class: 'wm-foot', lang: language, dir: 'ltr' }, [h('p', say('respond.foot')), h('a', { href: '/f/assets/licences.txt', target: '_blank' }, say('respond.licences'))]),
    ];
  },
});

/** A file of the form, by its jr:// address. */
async function media(address: { href: string }): Promise<Response> {
  const name = decodeURIComponent(address.href.split('/').pop()!);
  const at = setting.media[name];
  return at ? fetch(at, { credentials: 'omit' }) : new Response(null, { status: 404 });
}

/**
 * Shows a form that was just opened in a language that it has: that of the record before it, which may have been chosen in
 * the form itself, else the one that was chosen for the page.
 */
function suit(root: Root, before: string | undefined): void {
  const name = before ?? setting.languages.find((l) => l.tag.split('-')[0] === chosen)?.name;
  const wanted = root.languages.find((l) => !l.isSyntheticDefault && l.language === name);
  if (wanted) root.setLanguage(wanted);
}

/** Gives the page the direction of the language that the form is shown in. */
function turn(name: string): void {
  const found = setting.languages.find((l) => l.name === name) ?? (setting.languages.length < 2 ? setting.languages[0] : undefined);
  const rtl = found ? found.rtl : setting.direction === 'rtl';
  document.documentElement.dir = rtl ? 'rtl' : 'ltr';
  document.documentElement.lang = found && found.tag !== 'und' && !found.tag.startsWith('x-') ? found.tag : language;
}

async function start(): Promise<void> {
  if (!isSecureContext) return void (state.failed = say('respond.insecure'));
  void look().catch(() => undefined);
  void offline();
  try {
    const response = await fetch(setting.definition, { credentials: 'omit' });
    if (!response.ok) throw new Error(String(response.status));
    state.xml = await response.text();
  } catch {
    state.failed = say('respond.no-form');
  }
  await adopt();
  await flush(true);
}

/** Records that an earlier link to this form could not send go by this one. */
async function adopt(): Promise<void> {
  for (const w of await outbox.all()) {
    if (w.state === 'refused' && w.project === setting.project && w.form === setting.form && w.to !== setting.base) await outbox.put({ ...w, to: setting.base });
  }
}

/** Has the service worker keep what the form needs. */
async function offline(): Promise<void> {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register(setting.script, { scope: '/f/' });
    const worker = (await navigator.serviceWorker.ready).active!;
    void navigator.storage?.persist?.();
    if (!navigator.onLine) return void (state.kept = true);
    const files = [setting.definition, ...Object.values(setting.media)];
    const channel = new MessageChannel();
    channel.port1.onmessage = (e) => (state.kept = e.data === true && !setting.live);
    worker.postMessage({ page: setting.base, files, shell: setting.offline }, [channel.port2]);
  } catch {
    // a browser without room or leave for it: the form works while there is a network
  }
}

addEventListener('online', () => {
  state.online = true;
  void flush(true);
});
addEventListener('offline', () => {
  state.online = false;
  tell('wait', 'respond.gone-offline');
});
addEventListener('visibilitychange', () => void (document.hidden ? saveDraft() : flush(false)));
addEventListener('beforeunload', (e) => {
  if (touched) e.preventDefault();
});
setInterval(() => void saveDraft(), 10_000);

mend();
document.title = setting.title;
const app = createApp(Page);
app.use(webFormsPlugin);
words(app);
// The engine shows the record's root to its own heading: that is where drafts and the language are read from.
const heading = {
  mounted(this: { $options: { __name?: string }; $props: { form?: Root } }) {
    if (this.$options.__name !== 'FormHeader' || !this.$props.form) return;
    if (root !== this.$props.form) {
      const before = root?.currentState.activeLanguage.language;
      root = this.$props.form;
      suit(root, before);
    }
    turn(root.currentState.activeLanguage.language);
  },
};
app.mixin({ mounted: heading.mounted, updated: heading.mounted });
app.config.errorHandler = () => tell('bad', 'respond.trouble'); // an error of the engine may carry an answer: it is not shown, not logged
app.mount('#page');
