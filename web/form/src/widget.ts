// The words of the widgets that the engine is made of, in the page's language; names of days and months come from
// the browser.
import type { App } from 'vue';
import { language, say } from './early';

const TEXTS = ['accept', 'reject', 'choose', 'cancel', 'today', 'clear', 'emptyMessage', 'emptyFilterMessage', 'emptySearchMessage', 'emptySelectionMessage', 'searchMessage', 'selectionMessage', 'chooseYear', 'chooseMonth', 'chooseDate'];
const STEPS = ['Decade', 'Year', 'Month', 'Hour', 'Minute', 'Second'].flatMap((unit) => ['prev' + unit, 'next' + unit]);
const ARIA = ['close', 'selectAll', 'unselectAll', 'listLabel'];

const code = (name: string) => name.replace(/[A-Z]/g, (c) => '-' + c.toLowerCase());

export function words(app: App): void {
  const { locale } = (app.config.globalProperties.$primevue as { config: { locale: Record<string, unknown> } }).config;
  const day = (n: number, weekday: 'long' | 'short' | 'narrow') => new Intl.DateTimeFormat(language, { weekday, timeZone: 'UTC' }).format(Date.UTC(2023, 0, 1 + n));
  const month = (n: number, length: 'long' | 'short') => new Intl.DateTimeFormat(language, { month: length, timeZone: 'UTC' }).format(Date.UTC(2023, n, 1));
  const week = [...Array(7).keys()]; // 1 January 2023 was a Sunday
  const year = [...Array(12).keys()];
  Object.assign(locale, {
    dayNames: week.map((n) => day(n, 'long')),
    dayNamesShort: week.map((n) => day(n, 'short')),
    dayNamesMin: week.map((n) => day(n, 'narrow')),
    monthNames: year.map((n) => month(n, 'long')),
    monthNamesShort: year.map((n) => month(n, 'short')),
    dateFormat: 'dd/mm/yy',
    firstDayOfWeek: 1,
  });
  for (const name of [...TEXTS, ...STEPS]) locale[name] = say('respond.widget.' + code(name), 2);
  for (const name of ARIA) (locale.aria as Record<string, unknown>)[name] = say('respond.widget.aria.' + code(name), 2);
}
