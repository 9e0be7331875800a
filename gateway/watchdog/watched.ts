/** What a watchdog looks at, in the order in which one explains the others: a gateway that is gone has no stream either. */
export const signs = ["gateway", "store", "stream", "outbox", "test alert"] as const
export type Sign = (typeof signs)[number]

/** How a sign was found: well, failing for a reason, or beyond judgement because what it hangs on is failing. */
export type Seen =
  | { readonly is: "well" }
  | { readonly is: "failing"; readonly why: string }
  | { readonly is: "not seen" }

export type Look = Readonly<Record<Sign, Seen>>

interface SignState {
  /** Since when it fails without a break. */
  readonly failingSince?: number
  readonly why?: string
  /** When people were told last; absent while they were not. */
  readonly toldAt?: number
}

/** What a watchdog remembers between two looks. Every time is of one clock that only runs forward. */
export interface Watched {
  readonly at: number | undefined
  readonly signs: Readonly<Record<Sign, SignState>>
}

/** What people are told. */
export interface Notice {
  readonly kind: "alarm" | "still" | "well again"
  readonly sign: Sign
  readonly why: string
  /** For how long it has failed, or had. */
  readonly lastedMs: number
}

export interface Patience {
  /** A sign that fails for so long is an alarm. */
  readonly alarmAfterMs: number
  /** An alarm that lasts is told again after so long. */
  readonly repeatMs: number
  /** Between two looks there is never longer than this, unless the watchdog itself stood still. */
  readonly gapMaxMs: number
}

const well: SignState = {}

export const nothingSeen: Watched = {
  at: undefined,
  signs: { gateway: well, store: well, stream: well, outbox: well, "test alert": well }
}

interface Step {
  readonly state: SignState
  readonly notice?: Omit<Notice, "sign">
}

const failing = (before: SignState, why: string, at: number, { alarmAfterMs, repeatMs }: Patience): Step => {
  const since = before.failingSince ?? at
  const state: SignState = { ...before, failingSince: since, why }
  const lastedMs = at - since
  if (before.toldAt === undefined) {
    return lastedMs < alarmAfterMs
      ? { state }
      : { state: { ...state, toldAt: at }, notice: { kind: "alarm", why, lastedMs } }
  }
  if (at - before.toldAt < repeatMs) return { state }
  return { state: { ...state, toldAt: at }, notice: { kind: "still", why, lastedMs } }
}

const stepOf = (before: SignState, seen: Seen, at: number, patience: Patience): Step => {
  if (seen.is === "failing") return failing(before, seen.why, at, patience)
  if (before.toldAt === undefined) return { state: well }
  // What cannot be seen now is neither well nor told again: what it hangs on is told.
  if (seen.is === "not seen") return { state: before }
  const lastedMs = at - (before.failingSince ?? at)
  return { state: well, notice: { kind: "well again", why: before.why ?? "", lastedMs } }
}

/** After a pause of the watchdog itself nothing is known of the time between: what failed before counts from now. */
const afterPause = ({ toldAt, ...rest }: SignState, at: number): SignState =>
  toldAt === undefined ? well : { ...rest, toldAt: Math.min(toldAt, at) }

/** One look: what is remembered after it, and what people are told. Pure; `at` is of a clock that only runs forward. */
export const stepWatched = (
  before: Watched,
  look: Look,
  at: number,
  patience: Patience
): { readonly watched: Watched; readonly notices: ReadonlyArray<Notice> } => {
  const paused = before.at !== undefined && at - before.at > patience.gapMaxMs
  const notices: Array<Notice> = []
  const next = { ...before.signs }
  for (const sign of signs) {
    const known = paused ? afterPause(before.signs[sign], at) : before.signs[sign]
    const { state, notice } = stepOf(known, look[sign], at, patience)
    next[sign] = state
    if (notice !== undefined) notices.push({ ...notice, sign })
  }
  return { watched: { at, signs: next }, notices }
}

/** What is failing and has been told, worst first. */
export const alarmedSigns = ({ signs: known }: Watched): ReadonlyArray<Sign> =>
  signs.filter((sign) => known[sign].toldAt !== undefined)
