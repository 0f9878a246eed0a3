// The parts of the form engine that this page uses; its package brings no types.
declare module '@getodk/web-forms' {
  import type { DefineComponent, Plugin } from 'vue';
  export interface Payload {
    status: 'ready' | 'pending';
    data: FormData[];
  }
  export interface Language {
    language: string;
    isSyntheticDefault?: true;
  }
  export interface Root {
    currentState: { activeLanguage: Language };
    languages: Language[];
    setLanguage(l: Language): void;
    prepareInstancePayload(o: { payloadType: 'monolithic' }): Promise<Payload>;
  }
  export const OdkWebForm: DefineComponent<Record<string, unknown>>;
  export const POST_SUBMIT__NEW_INSTANCE: unique symbol;
  export const webFormsPlugin: Plugin;
}
declare module 'engine.css';
declare module '*.css';
