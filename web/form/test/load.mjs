// Loads XForms in the engine of the web form, in Node with jsdom for a browser, and says which do not load.
//
//   node load.mjs FILE.xml ...          forms in files
//   node load.mjs < forms.jsonl         lines {"id": "...", "xform": "..."}
//
// One JSON line a form that fails or that the engine warns of: {"id", "status", "reason"}; then one with the counts.
// The exit code is 1 where a form fails. Files that a form asks for are not there, as on a page without them.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { JSDOM, VirtualConsole } from 'jsdom';

const dom = new JSDOM('<!doctype html><html><body></body></html>', { url: 'http://localhost/', virtualConsole: new VirtualConsole() });
for (const name of ['window', 'document', 'DOMParser', 'XMLSerializer', 'Node', 'Element', 'Document', 'Attr', 'CharacterData', 'Text', 'NodeFilter', 'XMLDocument', 'HTMLElement', 'Comment', 'ProcessingInstruction', 'CDATASection', 'DocumentFragment', 'XPathResult', 'XPathEvaluator', 'XPathExpression']) {
  if (name === 'window') globalThis.window = dom.window;
  else if (dom.window[name]) globalThis[name] = dom.window[name];
}
globalThis.__dirname = import.meta.dirname ?? '.';
const { loadForm } = await import('@getodk/xforms-engine');

const options = { fetchFormAttachment: async () => new Response(null, { status: 404 }), missingResourceBehavior: 'BLANK' };

/** Gives the reason why a form fails, the engine's warnings, or nothing. */
async function load(xform) {
  try {
    const form = await loadForm(xform, options);
    if (form.status === 'failure') return { status: 'failed', reason: reasonOf(form.error) };
    const { root } = form.createInstance({ geolocationProvider: { getLocation: async () => '' } });
    const payload = await root.prepareInstancePayload({ payloadType: 'monolithic' });
    if (!payload.data[0].get('xml_submission_file')) return { status: 'failed', reason: 'no record' };
    return form.status === 'warning' ? { status: 'warning', reason: reasonOf(form.warnings ?? form.error) } : null;
  } catch (error) {
    return { status: 'failed', reason: reasonOf(error) };
  }
}

function reasonOf(error) {
  const all = [];
  for (let e = error; e; e = e.cause ?? e.errors?.[0]) all.push(String(e.message ?? e));
  return all.join(': ').replace(/\s+/g, ' ').slice(0, 300);
}

async function* forms() {
  if (process.argv.length > 2) {
    for (const name of process.argv.slice(2)) yield { id: name, xform: readFileSync(name, 'utf8') };
    return;
  }
  for await (const line of createInterface({ input: process.stdin })) if (line.trim()) yield JSON.parse(line);
}

const count = { loaded: 0, warned: 0, failed: 0 };
for await (const { id, xform } of forms()) {
  const trouble = await load(xform);
  if (!trouble) count.loaded++;
  else {
    count[trouble.status === 'warning' ? 'warned' : 'failed']++;
    console.log(JSON.stringify({ id, ...trouble }));
  }
}
console.log(JSON.stringify(count));
process.exit(count.failed ? 1 : 0);
