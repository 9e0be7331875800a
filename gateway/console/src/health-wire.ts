import type { Instant } from "./wire.ts"

type Counts = Readonly<Record<string, number>>

/** How the gateway itself fares. */
export interface Health {
  readonly version: string
  readonly node: string
  readonly startedAt: Instant
  readonly memoryBytes: number
  readonly store: {
    readonly accepting: boolean
    readonly refusal?: string
    readonly since?: Instant
    readonly head: number
    readonly queued: number
    readonly logBytes: number
    /** 0: nobody knows. */
    readonly freeBytes: number
    readonly counts: Counts
  }
  readonly stream: { readonly clients: number; readonly cut: number }
  readonly configuration: {
    readonly version?: string
    readonly refused?: ReadonlyArray<{
      readonly file: string
      readonly line: number
      readonly column: number
      readonly message: string
    }>
  }
  readonly clocks: ReadonlyArray<{ readonly device: string; readonly offsetMs: number; readonly since: Instant }>
  readonly links: ReadonlyArray<{ readonly id: string; readonly counts: Counts }>
}

/** A way out to people, as it has shown itself. */
export interface ChannelTold {
  readonly id: string
  readonly kind: string
  /** Null: it has not been used or tested yet. */
  readonly standing: {
    readonly state: "unproved" | "working" | "failing" | "broken"
    readonly since: Instant
    readonly lastSuccessAt?: Instant
    readonly detail?: string
  } | null
  /** Notifications that wait for it. */
  readonly waiting: number
}
