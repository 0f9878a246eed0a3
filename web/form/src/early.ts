// What must be there before the form engine is read: the setting that the server wrote into the page, the language,
// the look-up of words, and the nonce for the styles that the engine makes while it runs.

/** What the server says of the form and the page. */
export interface Setting {
  project: number;
  form: string; // its id
  title: string;
  version: string;
  base: string; // "/f/TOKEN/FORM"
  definition: string; // address of the form's XML
  media: Record<string, string>; // file name: address
  live: boolean; // it asks for lists that are never kept here, so it needs the network to open
  key: string; // the server's public key, base64url of the uncompressed point
  maximum: number; // bytes of a sealed record that the server takes
  script: string; // address of the service worker
  offline: string[]; // addresses of what the page is made of
  direction: string; // "rtl" where the form's default language is written so
  languages: { tag: string; name: string; rtl: boolean }[];
  language: string; // of the page: "en", "fr"
  texts: Record<string, Record<string, [string, string]>>; // language, code: for one, for another count
}

export const setting: Setting = JSON.parse(document.getElementById('setting')!.textContent!);

/** The language that this person chose, in the address or earlier. */
export const chosen = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem('waymark.language');
export const language = (chosen ?? setting.language) in setting.texts ? (chosen ?? setting.language) : 'en';
if (chosen) localStorage.setItem('waymark.language', language);

/** The words of a code, {n} replaced by a count. An unknown code gives itself: a test finds it. */
export function say(code: string, n?: number): string {
  const forms = setting.texts[language]?.[code];
  if (!forms) return code;
  const small = n !== undefined && (language === 'fr' ? n < 2 : n === 1);
  return forms[small ? 0 : 1].replaceAll('{n}', n === undefined ? '' : new Intl.NumberFormat(language).format(n));
}

declare global {
  var waymark: (code: string, n?: number) => string;
}
globalThis.waymark = (code, n) => say('respond.engine.' + code, n);

// Style elements made by scripts of this page carry the page's nonce: the policy refuses any other.
const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';
const make = document.createElement.bind(document);
document.createElement = ((name: string, options?: ElementCreationOptions) => {
  const made = make(name, options);
  if (name.toLowerCase() === 'style') made.nonce = nonce;
  return made;
}) as typeof document.createElement;
