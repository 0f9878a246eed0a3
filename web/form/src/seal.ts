// Sealing as docs/formats/outbox.md says: to the server's public key for what is sent, so that this browser cannot read
// it back, and under a person's passphrase for drafts.

/** A part of a record: its body first, then its files. */
export interface Part {
  name: string;
  type: string;
  body: Blob;
}

const MAGIC = new TextEncoder().encode('WMO1');
const CHUNK = 65536; // bytes of plaintext sealed at once
const TAG = 16;
type Bytes = Uint8Array<ArrayBuffer>;

/** Frames parts into one stream: for each the length of its header (4 bytes, big endian), the header, the body. */
export function frame(parts: Part[]): Blob {
  const pieces: BlobPart[] = [];
  for (const part of parts) {
    const header = new TextEncoder().encode(JSON.stringify({ name: part.name, type: part.type, size: part.body.size }));
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, header.length);
    pieces.push(length.buffer, header, part.body);
  }
  return new Blob(pieces);
}

/** Takes a stream of parts apart. */
export function unframe(plain: Bytes): Part[] {
  const parts: Part[] = [];
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  for (let at = 0; at < plain.length; ) {
    const length = view.getUint32(at);
    const header = JSON.parse(new TextDecoder().decode(plain.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
    parts.push({ name: header.name, type: header.type, body: new Blob([plain.slice(at, at + header.size)], { type: header.type }) });
    at += header.size;
  }
  return parts;
}

export function unbase64(text: string): Bytes {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
}

function join(...pieces: Bytes[]): Bytes {
  const out = new Uint8Array(pieces.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of pieces) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** The number of a chunk and whether it is the last, as a nonce of 12 bytes. */
function nonce(chunk: number, last: boolean): Bytes {
  const view = new DataView(new ArrayBuffer(12));
  view.setUint32(7, chunk);
  view.setUint8(11, last ? 1 : 0);
  return new Uint8Array(view.buffer);
}

/** Seals parts to the server's key for one form. The key that could open them is forgotten on return. */
export async function sealTo(key: string, form: string, parts: Part[]): Promise<Blob> {
  const point = unbase64(key);
  const server = await crypto.subtle.importKey('raw', point, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
  const once = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
  const mine = new Uint8Array(await crypto.subtle.exportKey('raw', once.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: server }, once.privateKey, 256);
  const secret = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const info = join(new TextEncoder().encode('waymark outbox 1\0'), new TextEncoder().encode(form));
  const chunkKey = await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: join(mine, point), info },
    secret,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt'],
  );
  const id = new Uint8Array(await crypto.subtle.digest('SHA-256', point)).slice(0, 8);
  const header = join(MAGIC, id, mine);
  const plain = frame(parts);
  const out: BlobPart[] = [header];
  const chunks = Math.max(1, Math.ceil(plain.size / CHUNK));
  for (let n = 0; n < chunks; n++) {
    const body = await plain.slice(n * CHUNK, (n + 1) * CHUNK).arrayBuffer();
    const iv = nonce(n, n === chunks - 1);
    out.push(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: header, tagLength: 8 * TAG }, chunkKey, body));
  }
  return new Blob(out, { type: 'application/octet-stream' });
}

/** Rounds of PBKDF2-SHA-256 that a passphrase is put through. */
export const ROUNDS = 600_000;

/** Makes the key of a draft from a passphrase; it cannot be taken out of the browser's memory. */
export async function passphraseKey(passphrase: string, salt: Bytes, rounds = ROUNDS): Promise<CryptoKey> {
  const raw = await crypto.subtle.importKey('raw', new TextEncoder().encode(passphrase.normalize('NFC')), 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, raw, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ]);
}

export async function sealUnder(key: CryptoKey, bound: string, parts: Part[]): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = await frame(parts).arrayBuffer();
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(bound) }, key, plain);
  return join(iv, new Uint8Array(sealed));
}

/** Opens a draft; throws where the passphrase is another. */
export async function openUnder(key: CryptoKey, bound: string, sealed: Bytes): Promise<Part[]> {
  const iv = sealed.slice(0, 12);
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(bound) }, key, sealed.slice(12));
  return unframe(new Uint8Array(plain));
}
