import { useState } from "react"
import { Volume2, VolumeX } from "lucide-react"
import { Dialog } from "./dialogs.tsx"
import { Key } from "./key.tsx"
import type { Alarm } from "./use-alarm.ts"
import { volumeAtLeast } from "./use-alarm.ts"

/** How this console sounds, in the head of it: blocked, silent for so long, or how loud. */
export const SoundButton = ({ alarm, nowMs }: { readonly alarm: Alarm; readonly nowMs: number }) => {
  const [open, setOpen] = useState(false)
  const { blocked, unblock, silencedUntil, silence, volume, setVolume, keepVolume, test } = alarm
  const close = (): void => {
    keepVolume()
    setOpen(false)
  }
  if (blocked) {
    return (
      <button type="button" className="secondary sound-blocked" onClick={unblock}>
        <VolumeX size={20} aria-hidden="true" /> Sound blocked — click to enable
      </button>
    )
  }
  const left = silencedUntil === undefined ? undefined : Math.max(0, Math.ceil((silencedUntil - nowMs) / 1_000))
  return (
    <>
      <button type="button" className="secondary sound-button" onClick={() => setOpen(true)}>
        {left === undefined ? <Volume2 size={20} aria-hidden="true" /> : <VolumeX size={20} aria-hidden="true" />}
        {left === undefined ? "Sound" : `Silent ${left} s`}
      </button>
      {open && (
        <Dialog title="Sound of this console" onCancel={close}>
          <label className="field">
            Volume: {volume} %
            <input
              type="range"
              min={volumeAtLeast}
              max={100}
              step={10}
              value={volume}
              onChange={(event) => setVolume(Number(event.target.value))}
            />
            <span className="hint">A change is written into the log</span>
          </label>
          <div className="actions">
            <button type="button" className="secondary" onClick={test}>
              Play the critical alarm
            </button>
            <button type="button" className="secondary" disabled={left !== undefined} onClick={silence}>
              {left === undefined ? "Silence for 60 s" : `Silent for ${left} s`} <Key of="sound.silence" />
            </button>
            <button type="button" className="primary" onClick={close}>
              Done
            </button>
          </div>
          <p className="hint">
            Silence ends by itself, is written into the log, and stands among the gaps meanwhile. A new critical alert
            is shown all the same.
          </p>
        </Dialog>
      )}
    </>
  )
}
