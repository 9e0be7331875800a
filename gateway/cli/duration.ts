import { Flag } from "effect/cli"

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of `500ms`, `10s`, `2m` or `1h`. Throws, in words, for anything else. */
export const durationMs = (text: string): number => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Number(amount) * unitMs[(unit ?? "ms") as keyof typeof unitMs]
  if (!(ms > 0)) throw new Error(`a time such as "10s", "500ms" or "2m"`)
  return ms
}

/** A flag that says for how long; in milliseconds. */
export const durationFlag = (name: string, description: string): Flag.Flag<number> =>
  Flag.String(name).pipe(
    Flag.withMetavar("time"),
    Flag.withDescription(description),
    Flag.mapTryCatch(durationMs, (cause) => (cause instanceof Error ? cause.message : String(cause)))
  )
