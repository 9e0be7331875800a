import { useEffect, useRef, useState } from "react"
import type { Priority } from "../../domain/alert.ts"
import { isSoundOpen, openSound, play, sounds } from "./alarm-sound.ts"
import { calling } from "./alert-order.ts"
import { api } from "./api.ts"
import type { ConsoleState, ConsoleStore } from "./store.ts"

const volumeKey = "gatehouse.volume"

/** Percent of the loudest. A console is never set to nothing: silence is 60 s, and in the log. */
export const volumeAtLeast = 10

/** How loud this console is, in percent. */
export const storedVolume = (): number => {
  const stored = Number(localStorage.getItem(volumeKey))
  return stored >= volumeAtLeast && stored <= 100 ? stored : 80
}

/** The most urgent priority that waits for somebody. */
export const loudestOf = (state: Pick<ConsoleState, "alerts">): Priority | undefined => {
  const open = calling(state.alerts).filter(({ acknowledged }) => !acknowledged)
  return open.length === 0 ? undefined : (Math.min(...open.map(({ priority }) => priority)) as Priority)
}

/** Whether the browser lets this page sound. It is asked again with every click and key, until it does. */
const useSoundOpen = (): readonly [boolean, () => void] => {
  const [open, setOpen] = useState(isSoundOpen)
  const ask = (): void => void openSound().then(setOpen)
  useEffect(() => {
    if (open) return
    addEventListener("pointerdown", ask, { once: true })
    addEventListener("keydown", ask, { once: true })
    return () => {
      removeEventListener("pointerdown", ask)
      removeEventListener("keydown", ask)
    }
  }, [open])
  return [open, ask]
}

/** What this console sounds like now, and what can be done about it. */
export interface Alarm {
  /** The browser lets it make no sound yet. */
  readonly blocked: boolean
  readonly unblock: () => void
  /** Epoch ms of the gateway's clock; absent while it is not silenced. */
  readonly silencedUntil: number | undefined
  readonly silence: () => void
  readonly volume: number
  /** Heard at once, logged when the officer lets go. */
  readonly setVolume: (percent: number) => void
  readonly keepVolume: () => void
  readonly test: () => void
}

/**
 * Sounds the most urgent priority that waits, again and again until somebody acknowledges; what sounds once sounds when it
 * is news. Silence begins when the gateway has written it down.
 */
export const useAlarm = (store: ConsoleStore, state: ConsoleState, nowMs: number): Alarm => {
  const [open, ask] = useSoundOpen()
  const [volume, setVolume] = useState(storedVolume)
  const [until, setUntil] = useState(0)
  const kept = useRef(volume)
  const silenced = until > nowMs
  const loudest = loudestOf(state)
  const current = useRef(volume)
  useEffect(() => {
    current.current = volume
  }, [volume])
  useEffect(() => {
    if (!open || silenced || loudest === undefined) return
    const everyMs = sounds[loudest]?.everyMs
    const sound = (): void => play(loudest, current.current / 100)
    sound()
    if (everyMs === undefined) return
    const timer = setInterval(sound, everyMs)
    return () => clearInterval(timer)
  }, [open, silenced, loudest])
  return {
    blocked: !open,
    unblock: ask,
    silencedUntil: silenced ? until : undefined,
    silence: () => {
      api.silence().then((answer) => setUntil(Date.parse(answer.until)), store.report)
    },
    volume,
    setVolume,
    keepVolume: () => {
      if (kept.current === volume) return
      api.setVolume(volume).then(() => {
        kept.current = volume
        localStorage.setItem(volumeKey, String(volume))
      }, store.report)
    },
    test: () => play(1, volume / 100)
  }
}
