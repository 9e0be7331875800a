import { Effect } from "effect"

/** How often the count on the terminal is renewed. */
const tickMs = 250

/** "found 7 · 3 s left" on a terminal, until the time is over. */
export const waiting = (found: { readonly count: () => number }, forMs: number): Effect.Effect<void> => {
  if (!process.stderr.isTTY) return Effect.sleep(forMs)
  const until = Date.now() + forMs
  const line = (text: string): void => void process.stderr.write(`\r\u001B[K${text}`)
  const tick = Effect.sync(() => {
    const left = Math.ceil((until - Date.now()) / 1000)
    line(`found ${found.count()} · ${Math.max(0, left)} s left`)
  })
  const ticking = tick.pipe(Effect.andThen(Effect.sleep(tickMs)), Effect.forever)
  return Effect.raceFirst(ticking, Effect.sleep(forMs)).pipe(Effect.ensuring(Effect.sync(() => line(""))))
}
