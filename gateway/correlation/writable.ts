/** A record as it is while it is put together, before it is handed out. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] }
