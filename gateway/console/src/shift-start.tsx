import { useState } from "react"
import type { Shift, SoundTest } from "./people-wire.ts"
import { Choices } from "./dialog-fields.tsx"
import { openSound, play as playAlarm } from "./alarm-sound.ts"
import { storedVolume } from "./use-alarm.ts"

const answers: ReadonlyArray<{ readonly value: SoundTest; readonly text: string; readonly hint: string }> = [
  { value: "heard", text: "I heard it", hint: "Critical alerts will be heard here" },
  { value: "not-heard", text: "I did not hear it", hint: "It stands in the log; have it mended" },
  { value: "no-sound", text: "Nothing sounds where I sit", hint: "A phone, or a patrol: you are called otherwise" }
]

interface StartProps {
  readonly shift: Shift
  readonly officer: string
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onBegin: (sound: SoundTest, relieves: ReadonlyArray<string>) => void
}

/** The start of a shift: is the alarm heard, and from whom is taken over. */
export const ShiftStart = ({ shift, officer, busy, problem, onBegin }: StartProps) => {
  const [sound, setSound] = useState<SoundTest | undefined>(undefined)
  const [relieves, setRelieves] = useState<ReadonlyArray<string>>([])
  const [blocked, setBlocked] = useState<string | undefined>(undefined)
  const others = shift.on.filter(({ name }) => name !== officer)
  const play = (): void => {
    setBlocked(undefined)
    void openSound().then((open) => {
      if (open) playAlarm(1, storedVolume() / 100)
      else setBlocked("The browser plays no sound here; allow it for this page.")
    })
  }
  const mark = (name: string, marked: boolean): void =>
    setRelieves(marked ? [...relieves, name] : relieves.filter((one) => one !== name))
  return (
    <form
      className="panel shift-part"
      aria-labelledby="shift-start"
      onSubmit={(event) => {
        event.preventDefault()
        if (sound !== undefined) onBegin(sound, relieves)
      }}
    >
      <h2 id="shift-start">Start your shift</h2>
      <div>
        <button type="button" className="secondary" onClick={play}>
          Play the test alarm
        </button>
        {blocked !== undefined && (
          <p role="alert" className="problem">
            {blocked}
          </p>
        )}
      </div>
      <Choices legend="Sound test" choices={answers} chosen={sound} onChoose={setSound} />
      {others.length > 0 && (
        <fieldset>
          <legend>Take over from</legend>
          {others.map(({ name, inHand }) => (
            <label key={name} className="choice">
              <input
                type="checkbox"
                checked={relieves.includes(name)}
                onChange={(event) => mark(name, event.target.checked)}
              />
              <span>
                <strong>{name}</strong>
                <span className="hint">
                  Their shift ends, and {inHand === 0 ? "no open alert is" : `${inHand} open alerts are`} yours
                </span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {problem !== undefined && (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
      <button type="submit" className="primary" disabled={busy}>
        Start shift
      </button>
    </form>
  )
}
