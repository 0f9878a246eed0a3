// What this browser keeps: sealed records that wait to be sent, and sealed drafts. Nothing here can be read without
// the server's key or a person's passphrase; only times, sizes and the form they belong to stand open.

/** A sealed record that waits. */
export interface Waiting {
  id: string;
  to: string; // "/f/TOKEN/FORM"
  project: number;
  form: string;
  title: string; // of the form
  made: number; // ms since 1970
  sealed: Blob;
  tries: number;
  next: number; // ms since 1970: not before
  state: 'waiting' | 'refused';
  reason: string; // code of why it was refused
}

/** A sealed draft. */
export interface Draft {
  id: string;
  form: string;
  made: number;
  saved: number;
  salt: Uint8Array<ArrayBuffer>;
  rounds: number;
  sealed: Uint8Array<ArrayBuffer>;
}

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  return (opened ??= new Promise((resolve, reject) => {
    const ask = indexedDB.open('waymark', 1);
    ask.onupgradeneeded = () => {
      ask.result.createObjectStore('outbox', { keyPath: 'id' });
      ask.result.createObjectStore('drafts', { keyPath: 'id' });
    };
    ask.onsuccess = () => {
      ask.result.onversionchange = () => {
        ask.result.close();
        opened = undefined;
      };
      resolve(ask.result);
    };
    ask.onerror = () => {
      opened = undefined;
      reject(ask.error);
    };
  }));
}

/** Resolves when the change is on disk. */
async function act<T>(store: 'outbox' | 'drafts', mode: IDBTransactionMode, what: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const tx = (await database()).transaction(store, mode, { durability: 'strict' });
  const ask = what(tx.objectStore(store));
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve(ask.result);
    tx.onabort = tx.onerror = () => reject(tx.error ?? ask.error);
  });
}

export const outbox = {
  all: (): Promise<Waiting[]> => act('outbox', 'readonly', (s) => s.getAll()),
  put: (w: Waiting) => act('outbox', 'readwrite', (s) => s.put(w)),
  drop: (id: string) => act('outbox', 'readwrite', (s) => s.delete(id)),
};

export const drafts = {
  all: (): Promise<Draft[]> => act('drafts', 'readonly', (s) => s.getAll()),
  put: (d: Draft) => act('drafts', 'readwrite', (s) => s.put(d)),
  drop: (id: string) => act('drafts', 'readwrite', (s) => s.delete(id)),
};
