import { Effect } from "effect"
import { streamEvents } from "../cli/stream-events.ts"

/** What a watchdog knows of the stream. Every time is of its own clock that only runs forward. */
export interface HeardStream {
  /** When anything came last; `undefined`: never. */
  readonly heardAt: () => number | undefined
  /** When the test alert came last. */
  readonly testAlertAt: () => number | undefined
  /** Why there is no connection now; `undefined` while there is one. */
  readonly lost: () => string | undefined
  /** Listens, and connects again when the connection is lost. Never succeeds. */
  readonly listen: Effect.Effect<never>
}

interface Where {
  readonly url: string
  readonly token: string
  /** Milliseconds of a clock that only runs forward. */
  readonly now: () => number
  /** Whether an entry is a test alert that has come the whole road. */
  readonly isTestAlert: (entry: unknown) => boolean
}

/** A connection that is lost is sought again after so long. */
const again = "3 seconds"
/** A stream that is there says something every 10 s (its heartbeat); a connection that says nothing for longer is dropped. */
const silentMs = 35_000

const reasonOf = (failure: unknown): string => {
  const cause = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure
  return cause instanceof Error ? cause.message : String(cause)
}

const refusal = (status: number): string =>
  status === 401 || status === 403 ? `the gateway refuses the token (${status})` : `the stream answers ${status}`

/** Follows a gateway's stream, so that its silence can be told from a gateway that merely answers. */
export const hearStream = ({ url, token, now, isTestAlert }: Where): HeardStream => {
  let heardAt: number | undefined
  let testAlertAt: number | undefined
  let lost: string | undefined = "not connected yet"

  const follow = async (signal: AbortSignal): Promise<never> => {
    const silence = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const heard = (): void => {
      heardAt = now()
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(new Error(`nothing came for ${silentMs / 1000} s`)), silentMs)
    }
    const both = AbortSignal.any([signal, silence.signal])
    try {
      timer = setTimeout(() => silence.abort(new Error("no answer")), silentMs)
      const headers = { accept: "text/event-stream", authorization: `Bearer ${token}` }
      const response = await fetch(new URL("/api/v1/stream", url), { signal: both, headers })
      if (response.status !== 200 || response.body === null) throw new Error(refusal(response.status))
      lost = undefined
      heard()
      for await (const { event, data } of streamEvents(
        response.body.pipeThrough(new TextDecoderStream(), { signal: both })
      )) {
        heard()
        if (event === "entry" && isTestAlert(JSON.parse(data))) testAlertAt = now()
      }
      throw new Error("the gateway ended the stream")
    } finally {
      clearTimeout(timer)
    }
  }

  const listen = Effect.tryPromise({ try: follow, catch: reasonOf }).pipe(
    Effect.catch((why) => Effect.sync(() => void (lost = why))),
    Effect.andThen(Effect.sleep(again)),
    Effect.forever
  )
  return { heardAt: () => heardAt, testAlertAt: () => testAlertAt, lost: () => lost, listen }
}
