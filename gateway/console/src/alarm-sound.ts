import type { Priority } from "../../domain/alert.ts"

/** A priority's sound: tones in Hz one after another, and how often it comes again until somebody answers. */
interface Sound {
  readonly tones: ReadonlyArray<number>
  /** Absent: once. */
  readonly everyMs?: number
}

/** Console reference, section 2.2: three tones, two, one, none. */
export const sounds: Readonly<Record<Priority, Sound | undefined>> = {
  1: { tones: [880, 660, 990], everyMs: 5_000 },
  2: { tones: [740, 590], everyMs: 15_000 },
  3: { tones: [520] },
  4: undefined
}

const toneSeconds = 0.22
const fadeSeconds = 0.02

let context: AudioContext | undefined

const opened = (): AudioContext => (context ??= new AudioContext())

/** Whether the browser lets this page sound: it wants a click or a key first. */
export const isSoundOpen = (): boolean => context?.state === "running"

/** Asks the browser for sound; to be called from a click or a key. Answers whether it sounds. */
export const openSound = async (): Promise<boolean> => {
  try {
    await opened().resume()
  } catch {
    // A browser without sound has none after a click either.
  }
  return isSoundOpen()
}

/** Sounds a priority once; `volume` from 0 to 1. Nothing while the browser does not let it. */
export const play = (priority: Priority, volume: number): void => {
  const sound = sounds[priority]
  if (sound === undefined || !isSoundOpen()) return
  const to = opened()
  for (const [nth, hertz] of sound.tones.entries()) {
    const begin = to.currentTime + nth * toneSeconds
    const [tone, gain] = [to.createOscillator(), to.createGain()]
    tone.type = "triangle"
    tone.frequency.value = hertz
    gain.gain.setValueAtTime(0, begin)
    gain.gain.linearRampToValueAtTime(volume, begin + fadeSeconds)
    gain.gain.setValueAtTime(volume, begin + toneSeconds - fadeSeconds)
    gain.gain.linearRampToValueAtTime(0, begin + toneSeconds)
    tone.connect(gain).connect(to.destination)
    tone.start(begin)
    tone.stop(begin + toneSeconds)
  }
}
