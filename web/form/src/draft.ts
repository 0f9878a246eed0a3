// Drafts: a record begun and put aside, sealed under a passphrase of the person who fills it in. Without one no draft
// is kept. The engine has no drafts; what it has is the record as it stands and a way to open a record for editing.
import type { Payload, Root } from '@getodk/web-forms';
import { openUnder, passphraseKey, ROUNDS, sealUnder, type Part } from './seal';
import { drafts, type Draft } from './store';

export const SHORTEST = 8; // letters of a passphrase

/** A draft being written: its key is held in memory only, and ends with the page. */
export class Desk {
  private last = '';
  private constructor(
    private draft: Omit<Draft, 'sealed'>,
    private key: CryptoKey,
  ) {}

  static async begin(form: string, passphrase: string): Promise<Desk> {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const key = await passphraseKey(passphrase, salt);
    return new Desk({ id: crypto.randomUUID(), form, made: Date.now(), saved: Date.now(), salt, rounds: ROUNDS }, key);
  }

  /** Opens a draft that was kept; throws where the passphrase is another. */
  static async open(d: Draft, passphrase: string): Promise<{ desk: Desk; parts: Part[] }> {
    const key = await passphraseKey(passphrase, d.salt, d.rounds);
    const parts = await openUnder(key, d.id + d.form, d.sealed);
    return { desk: new Desk(d, key), parts };
  }

  get id(): string {
    return this.draft.id;
  }

  /** Keeps the record as it stands, where it has changed. */
  async save(root: Root, resumed: boolean): Promise<boolean> {
    const parts = await partsOf(await root.prepareInstancePayload({ payloadType: 'monolithic' }), resumed);
    const shape = (await parts[0].body.text()) + parts.map((p) => p.name + p.body.size).join('\n');
    if (shape === this.last) return false;
    const saved = Date.now();
    await drafts.put({ ...this.draft, saved, sealed: await sealUnder(this.key, this.draft.id + this.draft.form, parts) });
    this.last = shape;
    return true;
  }
}

const BODY = 'xml_submission_file';

/** The parts of a record: its body, then its files. */
export async function partsOf(payload: Payload, resumed: boolean): Promise<Part[]> {
  const parts = new Map<string, Part>();
  for (const data of payload.data) {
    for (const [name, value] of data.entries()) {
      if (typeof value === 'string') continue;
      parts.set(name, { name, type: value.type || 'application/octet-stream', body: value });
    }
  }
  const body = parts.get(BODY);
  if (!body) throw new Error('no body');
  parts.delete(BODY);
  let xml = await body.body.text();
  if (resumed) xml = forget(xml);
  return [{ name: BODY, type: 'text/xml', body: new Blob([xml], { type: 'text/xml' }) }, ...parts.values()];
}

/** Takes deprecatedID away: a draft was never sent, so the record that it becomes takes the place of none. */
function forget(xml: string): string {
  const doc = new DOMParser().parseFromString(xml, 'text/xml');
  const old = [...doc.getElementsByTagNameNS('*', 'deprecatedID')].filter((e) => e.parentElement?.localName === 'meta');
  if (doc.querySelector('parsererror') || !old.length) return xml;
  for (const e of old) e.remove();
  return new XMLSerializer().serializeToString(doc);
}

/** What the engine asks for to open a draft. */
export function reopen(parts: Part[]): Record<string, unknown> {
  const files = new Map(parts.slice(1).map((p) => [p.name, p]));
  return {
    resolveInstance: () => parts[0].body.text(),
    attachmentFileNames: [...files.keys()],
    resolveAttachment: async (name: string) => {
      const part = files.get(name);
      return part ? new Response(part.body, { headers: { 'Content-Type': part.type } }) : new Response(null, { status: 404 });
    },
  };
}
