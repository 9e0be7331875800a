import { useEffect, useRef, useState } from "react"
import { api, Refused } from "./api.ts"
import type { Replay } from "./replay-wire.ts"

/** How often a running replay is asked how far it has come. */
const askEveryMs = 400

/** What is asked for: a span, and a change as text of a configuration. */
export interface WhatIf {
  readonly from: string
  readonly to: string
  readonly change: string
}

const wordsOf = (refusal: unknown): string => (refusal instanceof Refused ? refusal.message : String(refusal))

/** Runs one replay after another, follows the running one, and lets it be cancelled. */
export const useReplay = () => {
  const [replay, setReplay] = useState<Replay | undefined>(undefined)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  /** Why the running one cannot be followed just now. */
  const [away, setAway] = useState<string | undefined>(undefined)
  const [asking, setAsking] = useState(false)
  const alive = useRef(true)
  useEffect(() => {
    alive.current = true
    return () => void (alive.current = false)
  }, [])
  const fail = (refusal: unknown): void => {
    if (alive.current) setProblem(wordsOf(refusal))
  }
  const id = replay?.id
  const running = replay?.state === "running"
  useEffect(() => {
    if (id === undefined || !running) return
    let stopped = false
    const look = (): void =>
      void api.replay(id).then(
        (now) => {
          if (stopped) return
          setReplay(now)
          setAway(undefined)
        },
        (refusal: unknown) => {
          if (stopped) return
          // The gateway may be away for a moment; one that has forgotten the replay will not remember it.
          if (!(refusal instanceof Refused && refusal.status === 404)) return setAway(wordsOf(refusal))
          fail(refusal)
          setReplay(undefined)
        }
      )
    const timer = setInterval(look, askEveryMs)
    return () => {
      stopped = true
      clearInterval(timer)
      setAway(undefined)
    }
  }, [id, running])
  return {
    replay,
    problem: problem ?? away,
    busy: asking || running,
    start: (asked: WhatIf): void => {
      setProblem(undefined)
      // What was found is of another change than the one that is asked for now.
      setReplay(undefined)
      setAsking(true)
      api
        .startReplay(asked)
        .then(setReplay, fail)
        .finally(() => setAsking(false))
    },
    cancel: (): void => {
      if (id !== undefined) void api.cancelReplay(id).catch(fail)
    }
  }
}
