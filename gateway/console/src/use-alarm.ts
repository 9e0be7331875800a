import { useEffect, useMemo, useRef, useState } from "react"
import { wiringOf } from "../../alerts/flood-causes.ts"
import { isToSound } from "../../alerts/sounding.ts"
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

/** What sounds again and again until somebody answers; in a flood that is only what is critical. */
const repeatingOf = (state: Pick<ConsoleState, "alerts" | "flood">): Priority | undefined => {
  const loudest = loudestOf(state)
  const repeats = loudest !== undefined && sounds[loudest]?.everyMs !== undefined
  return repeats && (state.flood === undefined || loudest === 1) ? loudest : undefined
}

/** Two of one moment are one sound, the more urgent one's. */
const oneSoundMs = 1000

/** Whether the browser lets this page sound. It is asked again with every click and key, until it does. */
const useSoundOpen = (): readonly [boolean, () => void] => {
  const [open, setOpen] = useState(isSoundOpen)
  const ask = (): void => void openSound().then(setOpen)
  useEffect(() => {
    if (open) return
    // Once the click is over: what tells that sound is blocked goes then, and nothing moves under the finger before.
    addEventListener("click", ask, { once: true })
    addEventListener("keydown", ask, { once: true })
    return () => {
      removeEventListener("click", ask)
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
 * Sounds each alert that is news, and the most urgent priority that waits again and again until somebody acknowledges.
 * Silence begins when the gateway has written it down.
 */
export const useAlarm = (store: ConsoleStore, state: ConsoleState, nowMs: number): Alarm => {
  const [open, ask] = useSoundOpen()
  const [volume, setVolume] = useState(storedVolume)
  const [until, setUntil] = useState(0)
  const kept = useRef(volume)
  const silenced = until > nowMs
  const sounding = open && !silenced
  const current = useRef(volume)
  const last = useRef({ at: -oneSoundMs, priority: 4 })
  const sound = useRef((priority: Priority): void => {
    const now = performance.now()
    if (now - last.current.at < oneSoundMs && priority >= last.current.priority) return
    last.current = { at: now, priority }
    play(priority, current.current / 100)
  }).current
  useEffect(() => {
    current.current = volume
  }, [volume])
  const wiring = useMemo(() => wiringOf(state.campus ?? { devices: [], doors: [] }), [state.campus])
  useEffect(() => {
    if (!sounding) return
    return store.follow((entry) => {
      if (entry._tag !== "Alert") return
      const { alerts, flood } = store.snapshot()
      const heard = { flood: flood !== undefined, open: [...alerts.values()], wiring }
      if (isToSound(entry.change, heard)) sound(entry.change.alert.priority)
    })
  }, [sounding, store, sound, wiring])
  const repeating = repeatingOf(state)
  useEffect(() => {
    const everyMs = repeating === undefined ? undefined : sounds[repeating]?.everyMs
    if (!sounding || repeating === undefined || everyMs === undefined) return
    sound(repeating)
    const timer = setInterval(() => sound(repeating), everyMs)
    return () => clearInterval(timer)
  }, [sounding, sound, repeating])
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
